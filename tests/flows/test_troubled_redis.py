"""Redis restarted, paused, emptied, and cut off from one of two servers: nothing is lost, and presence is right soon.

Troubles last a few seconds here; `MARU_TROUBLE_SECONDS=30 MARU_FIGURES=1` makes it half a minute each and prints how
long it took until messages crossed at once again, and until everybody's presence was right.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client.device import Device
from tests.client.wire import Rung
from tests.flows.cluster import measure
from tests.flows.conftest import make_people
from tests.flows.crowd import figure, flow, gathered, require_same_log, texts
from tests.flows.relay import Relay
from tests.flows.test_killed_server import require_no_traceback
from tests.flows.test_lost_redis import Load
from tests.flows.valkey import Valkey
from tests.serving import Server

TROUBLE_SECONDS = measure("MARU_TROUBLE_SECONDS", 3)
SPEAKERS = 6
RIGHT_SECONDS = 45.0
SLOW_SECONDS = 0.25  # a message that takes longer did not come by a hint


@dataclass
class Divided:
    """Two servers on the same data; what the other one and Redis say to each other goes through the relay."""

    valkey: Valkey
    relay: Relay
    servers: list[Server]


@pytest.fixture
def divided(tmp_path: Path) -> Iterator[Divided]:
    with ExitStack() as stack:
        valkey = stack.enter_context(Valkey(tmp_path / "valkey"))
        relay = stack.enter_context(Relay(valkey.socket))
        urls = (valkey.url, relay.url)
        servers = [
            stack.enter_context(Server(tmp_path / "servers", {"REDIS_URL": url, "MARU_HANDSHAKES": "1000"}))
            for url in urls
        ]
        yield Divided(valkey, relay, servers)


@dataclass
class Friends:
    """One stays on the first server and looks; the other comes and goes on the second."""

    looking: Device
    moving: Device

    def shown(self) -> str:
        """The state that is on the screen of who looks."""
        states = [
            frame["users"][self.moving.user_id]["state"]
            for frame in self.looking.heard
            if frame["type"] == "presence" and self.moving.user_id in frame["users"]
        ]
        return states[-1] if states else ""

    async def until_shown(self, state: str) -> float:
        """Seconds until then. Frames wake nobody, so it is looked for again and again."""
        since = time.monotonic()
        while self.shown() != state:
            assert time.monotonic() < since + RIGHT_SECONDS, f"{self.shown()!r} is shown, and not {state!r}"
            await asyncio.sleep(0.02)
        return time.monotonic() - since


@pytest.mark.timeout(600)
@flow
async def test_whatever_happens_to_redis_nothing_is_lost_and_presence_is_right_soon(divided: Divided) -> None:
    people = await asyncio.to_thread(make_people, divided.servers[0], SPEAKERS + 2)
    async with gathered(divided.servers[0].base_url, people, None) as crowd:
        await crowd.server.learn()
        other = crowd.address(divided.servers[1].base_url)
        load = Load("")
        for number, person in enumerate(people[:SPEAKERS]):
            rung: Rung = "longpoll" if number in (2, 3) else "websocket"
            crowd.device(person, rung, server=(crowd.server, other)[number % 2], witness=load.heard)
        speakers = list(crowd.devices)
        looking, moving = people[SPEAKERS:]
        await crowd.rest(looking).direct(moving.user_id)
        friends = Friends(crowd.device(looking, "websocket"), crowd.device(moving, "websocket", server=other))
        crowd.devices.remove(friends.moving)  # so that it is not there yet
        await crowd.start()
        load.channel_id = await crowd.group("hints", people[:SPEAKERS])
        crowd.devices.append(friends.moving)
        speaking = [asyncio.create_task(load.speak(device)) for device in speakers]
        await friends.until_shown("offline")
        await trouble_redis(divided, Troubles(speakers, load, friends, divided.servers[0].log_path))
        load.stopping = True
        await asyncio.gather(*speaking)
        log = await crowd.caught_up(load.channel_id)
        for device in speakers:
            require_same_log(device, load.channel_id, log)
            own = [text for text in texts(log) if text.startswith(device.user_id)]
            assert own == load.said[device.user_id]
            assert device.gaps == device.resyncs == device.resets == len(device.closes) == 0
    for server in divided.servers:
        require_no_traceback(server)


@dataclass
class Troubles:
    """What is looked at while and after something is wrong with Redis."""

    speakers: list[Device]
    load: Load
    friends: Friends
    log_path: Path
    """Where both servers write."""

    async def meet(self, name: str, begin: Callable[[], None], end: Callable[[], None], becomes: str) -> None:
        """The friend comes or goes while it lasts; afterwards everything is as if it had not been."""
        began = time.monotonic()
        await asyncio.to_thread(begin)
        await self._move(becomes)
        while time.monotonic() < began + TROUBLE_SECONDS:
            await self._talk(20)
        await asyncio.to_thread(end)
        ended = time.monotonic()
        back = asyncio.create_task(self._until_back())
        right_after = await self.friends.until_shown(becomes)
        await self._talk(100)
        assert self.friends.shown() == becomes
        self._say(name, began, ended, right_after, await back)

    async def _until_back(self) -> float:
        """Seconds until whoever missed Redis hears it again: from then on messages cross by hints."""
        since = time.monotonic()
        while time.monotonic() < since + RIGHT_SECONDS:
            said = self.log_path.read_text()
            if said.count(" Redis is away ") == said.count(" Redis is back"):
                break
            await asyncio.sleep(0.02)
        return time.monotonic() - since

    async def _move(self, becomes: str) -> None:
        """Unless the friend is there, or away, already."""
        moving = self.friends.moving
        if becomes == "offline" and moving.transport is not None:
            await moving.stop()
        elif becomes == "online" and moving.transport is None:
            await moving.start()
            await moving.until(lambda one: one.transport, 30)

    async def _talk(self, count: int) -> None:
        """Until every speaker heard so many more: nothing stands still."""
        channel_id = self.load.channel_id
        enough = max(device.last(channel_id) for device in self.speakers) + count
        for device in self.speakers:
            await device.until(lambda one: one.last(channel_id) >= enough, 60)

    def _say(self, name: str, began: float, ended: float, right_after: float, back: float) -> None:
        slow = [at for at, delay in self.load.delays if at > ended and delay > SLOW_SECONDS]
        most = self.load.percentile(0.99, began, ended) * 1000
        last = max(slow, default=ended) - ended
        figure(
            f"Redis {name} for {ended - began:.1f} s: p99 {most:.0f} ms meanwhile; afterwards the last message that"
            f" took more than {SLOW_SECONDS} s came after {last:.1f} s, hints crossed after {back:.1f} s, presence"
            f" was right after {right_after:.1f} s"
        )


async def trouble_redis(divided: Divided, troubles: Troubles) -> None:
    valkey, relay = divided.valkey, divided.relay
    await troubles.meet("restarted", valkey.kill9, valkey.start, "online")
    await troubles.meet("paused", valkey.pause, valkey.go_on, "offline")
    await troubles.meet("emptied", valkey.flush_all, valkey.flush_all, "offline")
    await troubles.meet("cut off from one server", relay.cut, relay.mend, "online")
