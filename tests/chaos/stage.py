"""Who is on stage: people with three devices each, the channels they made, and the cluster below them."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.chaos import history as told
from tests.chaos.cluster import Cluster
from tests.chaos.watched import Recorder, Watched
from tests.client.device import Device
from tests.client.rest import Rest, Server
from tests.client.storage import FileStorage, MemoryStorage, Storage
from tests.client.wire import RUNGS, Problem, Unreachable, Violation
from tests.flows.crowd import Person, sign_up_people

MAX_GROUPS = 12
START_SECONDS = 20.0  # for everybody to be connected and in the first groups


class Stage:
    """What actions and faults work on. `anchors`: who made a group; they stay, so that its log can be read."""

    def __init__(self, cluster: Cluster, folder: Path, recorder: Recorder, chance: random.Random) -> None:
        self.cluster = cluster
        self.recorder = recorder
        self.chance = chance
        self.people: list[Person] = []
        self.devices: list[Watched] = []
        self.anchors: dict[str, Person] = {}
        self.directs: dict[str, Person] = {}
        self._folder = folder / "devices"
        self._folder.mkdir()
        self._made = 0
        self.moving = asyncio.Lock()
        """Held by whoever starts, stops or moves a device."""
        self.addresses = [Server(place.url, trust=cluster.trust) for place in cluster.places]

    async def fill(self, people: int, devices_each: int) -> None:
        """Sign everybody up, start their devices, and put them into two groups."""
        await self.addresses[0].learn()
        for address in self.addresses[1:]:
            address.checks = self.addresses[0].checks
        self.people = await sign_up_people(self.addresses[0], [f"사람 {number}" for number in range(people)])
        for number, person in enumerate(self.people):
            for turn in range(devices_each):
                await self.add_device(person, f"p{number}d{turn}", turn).start()
        await self._wait_for_all(lambda one: one.connections)
        for name in ("마루", "부엌"):
            await self.create_group(self.people[0], self.people[1:], name)
        await self._wait_for_all(lambda one: len(one.here()) >= 2)

    async def _wait_for_all(self, predicate: Callable[[Device], object]) -> None:
        """For a while only: who is not there by then comes later, or is found not to have come in the end."""
        deadline = time.monotonic() + START_SECONDS
        for device in self.devices:
            with suppress(AssertionError):
                await device.until(predicate, max(0.0, deadline - time.monotonic()))

    def add_device(self, person: Person, name: str, turn: int) -> Watched:
        """`turn` decides its disk and its first transport."""
        self._made += 1
        storage: Storage = (
            FileStorage(self._folder / f"{self._made}.db") if turn % 3 == 0 else MemoryStorage()
        )
        device = Watched(
            name, Rest(self.address(), person.headers), person.user_id, self.recorder, storage=storage,
            rung=RUNGS[self._made % len(RUNGS)], chance=random.Random(f"{name} {self._made}"),
        )  # fmt: skip
        self.devices.append(device)
        return device

    async def replace_device(self, device: Watched) -> None:
        """It loses its disk, with what was not sent yet, and begins anew."""
        self.devices.remove(device)
        await device.give_up()
        device.storage.close()
        person = self.person(device.user_id)
        name = f"{device.name.split('#')[0]}#{self._made}"
        await self.add_device(person, name, self.chance.randrange(3)).start()

    def person(self, user_id: str) -> Person:
        return next(person for person in self.people if person.user_id == user_id)

    def address(self) -> Server:
        """Any server's, through its line."""
        return self.chance.choice(self.addresses)

    def rest(self, person: Person) -> Rest:
        return Rest(self.address(), person.headers)

    def talking(self) -> Iterator[Watched]:
        """Devices that run and are in some channel."""
        return (device for device in self.devices if device.running and device.here())

    async def create_group(self, maker: Person, others: list[Person], name: str) -> None:
        made = await self.call(
            maker, "create", "", "", self.rest(maker).group(name, [one.user_id for one in others])
        )
        if made is not None:
            self.anchors[made["id"]] = maker

    async def open_direct(self, person: Person, other: Person) -> None:
        made = await self.call(person, "direct", "", other.user_id, self.rest(person).direct(other.user_id))
        if made is not None:
            self.directs[made["id"]] = person

    async def call(
        self, person: Person, kind: str, channel: str, subject: str, asking: Awaitable[Any]
    ) -> Any:
        """Ask once, and put on record what came of it. None unless it was answered well."""
        outcome, code, answer, began = "unknown", "", None, self.recorder.now()
        try:
            answer = await asking
            outcome = "ok"
        except Problem as refusal:
            outcome, code = ("unknown" if refusal.again else "refused"), refusal.code
        except Unreachable as loss:
            code = str(loss)
        except Violation as broken:
            self.recorder.note(told.Failed, device=f"who wanted to {kind}", why=repr(broken))
        channel = answer["id"] if answer is not None else channel
        self.recorder.note(
            told.Did,
            person=person.user_id,
            kind=kind,
            channel=channel,
            subject=subject,
            outcome=outcome,
            code=code,
            began=began,
        )
        return answer

    async def leave(self) -> None:
        for device in self.devices:
            await device.give_up()
            device.storage.close()
        for address in self.addresses:
            await address.close()
