"""Redis is a hint: emptied or killed under load, between two servers of one store, it costs time and nothing else.

The outage lasts a few seconds here; `MARU_OUTAGE_SECONDS=60 MARU_FIGURES=1` makes it a minute and prints what it cost.
"""

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from tests.client.device import Device
from tests.client.wire import Event, Rung
from tests.flows.conftest import Pair, make_people
from tests.flows.crowd import Crowd, figure, flow, gathered, require_same_log, texts
from tests.flows.test_killed_server import require_no_traceback
from tests.flows.valkey import Valkey

OUTAGE_SECONDS = float(os.environ.get("MARU_OUTAGE_SECONDS", "3"))
PEOPLE = 8
BACK_SECONDS = 15.0  # how soon hints must flow again
PAUSE_SECONDS = 0.02  # between one person's messages


@dataclass
class Load:
    """People who go on talking until they are told to stop, and how long each message took to each device."""

    channel_id: str
    said: dict[str, list[str]] = field(default_factory=dict)
    said_at: dict[str, float] = field(default_factory=dict)
    delays: list[tuple[float, float]] = field(default_factory=list)
    stopping: bool = False

    async def speak(self, device: Device) -> None:
        own = self.said.setdefault(device.user_id, [])
        while not self.stopping:
            own.append(f"{device.user_id} {len(own)}")
            self.said_at[own[-1]] = time.monotonic()
            device.send(self.channel_id, own[-1])
            await device.settled(30)
            await asyncio.sleep(PAUSE_SECONDS)

    def heard(self, event: Event) -> None:
        if event["kind"] == "message" and event["text"] in self.said_at:
            now = time.monotonic()
            self.delays.append((now, now - self.said_at[event["text"]]))

    def percentile(self, share: float, since: float, until: float) -> float:
        """Seconds from saying to hearing, of what was heard in a span."""
        delays = sorted(delay for at, delay in self.delays if since <= at <= until)
        return delays[int(share * (len(delays) - 1))] if delays else 0.0


@flow
async def test_emptied_and_killed_under_load_redis_takes_nothing_with_it(pair: Pair) -> None:
    people = await asyncio.to_thread(make_people, pair.servers[0], PEOPLE)
    async with gathered(pair.servers[0].base_url, people, None) as crowd:
        await crowd.server.learn()
        other = crowd.address(pair.servers[1].base_url)
        load = Load("")
        for number, person in enumerate(people):
            rung: Rung = "longpoll" if number in (2, 3) else "websocket"
            crowd.device(person, rung, server=(crowd.server, other)[number % 2], witness=load.heard)
        await crowd.start()
        load.channel_id = await crowd.group("hints")
        speaking = [asyncio.create_task(load.speak(device)) for device in crowd.devices]
        marks = await disturb(pair.valkey, partial(more_said, crowd, load))
        load.stopping = True
        await asyncio.gather(*speaking)
        log = await crowd.caught_up(load.channel_id)
        for device in crowd.devices:
            require_same_log(device, load.channel_id, log)
            own = [text for text in texts(log) if text.startswith(device.user_id)]
            assert own == load.said[device.user_id]
            assert device.resyncs == device.resets == 0
            assert len(device.closes) == 0, "the loss of Redis closes no connection"
        print_figures(load, marks)
    for server in pair.servers:
        require_no_traceback(server)


async def disturb(valkey: Valkey, more: Callable[[int], Awaitable[None]]) -> dict[str, float]:
    """Calm, FLUSHALL, calm, dead for a while, alive again; the moments between."""
    marks = {"calm": time.monotonic()}
    await more(60)
    for _ in range(3):
        await asyncio.to_thread(valkey.flush_all)
        await more(20)
    marks["killed"] = time.monotonic()
    valkey.kill9()
    while time.monotonic() < marks["killed"] + OUTAGE_SECONDS:
        await more(20)
    marks["back"] = time.monotonic()
    await asyncio.to_thread(valkey.start)
    while not await asyncio.to_thread(valkey.published):
        assert time.monotonic() < marks["back"] + BACK_SECONDS, "no hints flow again"
        await more(20)
    marks["hints flow again"] = time.monotonic()
    await more(100)
    marks["end"] = time.monotonic()
    return marks


async def more_said(crowd: Crowd, load: Load, count: int) -> None:
    """Wait until every device has heard so many more messages: nothing stands still meanwhile."""
    enough = max(device.last(load.channel_id) for device in crowd.devices) + count
    for device in crowd.devices:
        await device.until(lambda one: one.last(load.channel_id) >= enough, 30)


def print_figures(load: Load, marks: dict[str, float]) -> None:

    for name, following in itertools.pairwise(marks):
        since, until = marks[name], marks[following]
        heard = sum(since <= at <= until for at, _ in load.delays)
        half, most, slowest = (load.percentile(share, since, until) * 1000 for share in (0.5, 0.99, 1.0))
        figure(
            f"{name}: {until - since:.1f} s, {heard} heard,"
            f" p50 {half:.0f} ms, p99 {most:.0f} ms, slowest {slowest:.0f} ms"
        )
