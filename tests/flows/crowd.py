"""People of a flow: their accounts, their devices, and what they all must agree on in the end."""

import asyncio
import functools
import itertools
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.client.device import Device
from tests.client.ladder import Pace
from tests.client.rest import Rest, Server
from tests.client.validation import Checks
from tests.client.wire import RUNGS, Event, Rung

PASSWORD = "정말 긴 암호 2026"
IN_A_HURRY = Pace(poll_seconds=0.3, hold_seconds=20, probe_seconds=5, backoff_limit_seconds=2)
SIGN_UPS_AT_ONCE = 8

_numbers = itertools.count()


@dataclass(frozen=True)
class Person:
    """An account with a session; lives as long as the server's data, whatever process serves them."""

    user_id: str
    username: str
    headers: Mapping[str, str]


async def sign_up_people(server: Server, names: Iterable[str]) -> list[Person]:
    """Make accounts and sign them in. The names become display names; usernames are made up."""
    gate = asyncio.Semaphore(SIGN_UPS_AT_ONCE)

    async def one(name: str) -> Person:
        async with gate:
            username = f"person-{next(_numbers)}"
            session, user = await Rest(server).sign_up(username, PASSWORD, name)
            return Person(user["id"], username, session.headers)

    return list(await asyncio.gather(*map(one, names)))


class Crowd:
    """People at one server, with a device each or more, all in this process."""

    def __init__(self, server: Server, people: list[Person]) -> None:
        self.server = server
        self.people = people
        self.devices: list[Device] = []
        self._addresses = [server]

    def address(self, url: str) -> Server:
        """Another address of the same server, or of one beside it: same people, same documents."""
        self._addresses.append(self.server.at(url))
        return self._addresses[-1]

    async def close_addresses(self) -> None:
        for address in self._addresses:
            await address.close()

    def rest(self, person: Person) -> Rest:
        return Rest(self.server, person.headers)

    def device(self, person: Person, rung: Rung | None, **options: Any) -> Device:
        """A device of a person. `server` in the options is another address, `session` another sign-in."""
        at = options.pop("server", self.server)
        session = options.pop("session", Rest(at, person.headers))
        made = Device(session, person.user_id, rung=rung, **{"pace": IN_A_HURRY, **options})
        self.devices.append(made)
        return made

    def devices_on(
        self, rungs: Iterable[Rung | None] = RUNGS, people: list[Person] | None = None, **options: Any
    ) -> list[Device]:
        """One device for each person (or each of these), over the rungs in turn."""
        turns = zip(people or self.people, itertools.cycle(rungs), strict=False)
        return [self.device(person, rung, **options) for person, rung in turns]

    async def start(self) -> None:
        """Start all devices and wait until each is connected."""
        for device in self.devices:
            await device.start()
        for device in self.devices:
            await device.until(lambda one: one.connections, 60)

    async def group(self, name: str, people: list[Person] | None = None) -> str:
        """A group of all (or these) people, made by the first, and known on all their devices that run."""
        owner, *others = people or self.people
        channel = await self.rest(owner).group(name, [person.user_id for person in others])
        inside = {person.user_id for person in (owner, *others)}
        for device in self.devices:
            if device.user_id in inside and device.connections:
                await device.until(lambda one: channel["id"] in one.here(), 60)
        return channel["id"]

    async def settled(self, deadline: float = 60) -> None:
        """Everything that was said is acknowledged."""
        for device in self.devices:
            await device.settled(deadline)

    async def caught_up(self, channel_id: str, deadline: float = 60) -> list[Event]:
        """Wait until every device that is in the channel has all of it; returns the server's log."""
        log = await self.rest(self.people[0]).log(channel_id)
        for device in self.devices:
            if channel_id in device.here():
                await device.until(lambda one: one.last(channel_id) >= log[-1]["seq"], deadline)
        return log

    async def stop(self) -> None:
        for device in self.devices:
            await device.stop()


@asynccontextmanager
async def gathered(
    url: str, people: list[Person], checks: Checks | None, trust: ssl.SSLContext | None = None
) -> AsyncIterator[Crowd]:
    """A crowd for the length of a block; what went wrong on any device is raised at its end. `trust`: as `Server`."""
    server = Server(url, checks, trust=trust)
    crowd = Crowd(server, people)
    try:
        yield crowd
        await crowd.stop()
    finally:
        for device in crowd.devices:
            await device.give_up()
            device.storage.close()
        await crowd.close_addresses()


def flow(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test in an event loop of its own."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(_awaited(test(*arguments, **named)))

    return run


async def _awaited(work: Awaitable[None]) -> None:
    await work


def require_same_log(device: Device, channel_id: str, log: list[Event]) -> None:
    """A device has exactly the server's log from where it came in: each event once, in order, in its state."""
    own = device.raw_log(channel_id)
    first = own[0]["seq"]
    theirs = [event for event in log if event["seq"] >= first]
    for mine, other in zip(own, theirs, strict=False):
        assert mine == other, f"{device} differs at {other['seq']}"
    assert len(own) == len(theirs), f"{device} has {len(own)} of {len(theirs)}"
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))


def figure(sentence: str) -> None:
    """Say a measured figure, if `MARU_FIGURES` asks for figures (and pytest for output, with -s)."""
    if "MARU_FIGURES" in os.environ:
        print(f"\n{sentence}")  # noqa: T201


def texts(log: Iterable[Event]) -> list[str]:
    """What was said, in order; deleted ones left out."""
    return [event["text"] for event in log if event["kind"] == "message" and not event.get("deleted")]
