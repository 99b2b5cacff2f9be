"""All workers are exchanged under steady load: nothing that is said fails, is lost or comes twice.

`MARU_RESTARTS=5 MARU_FIGURES=1` exchanges them five times, and prints what it cost.
"""

import asyncio
import itertools
import random
import signal
import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.client.device import Device
from tests.client.rest import Rest
from tests.client.validation import Unchecked
from tests.client.wire import Json, Rung
from tests.flows.cluster import Cluster, measure
from tests.flows.conftest import make_people
from tests.flows.crowd import Crowd, figure, flow, gathered, require_same_log, texts
from tests.flows.test_dead_server import until

RESTARTS = measure("MARU_RESTARTS", 1)
WAYS: tuple[Rung, ...] = (*("websocket",) * 6, "longpoll", "longpoll")
PAUSE_SECONDS = 0.05  # at most, between one person's messages
SENDERS = 4  # by request only, each at another address


class Errors(Unchecked):
    """Remembers what was refused on a WebSocket."""

    def __init__(self) -> None:
        self.frames: list[Json] = []

    def heard(self, frame: Json) -> None:
        if frame["type"] == "error":
            self.frames.append(frame)


class Load:
    """What everybody says until they are told to stop, and how long each answer took."""

    def __init__(self, channel_id: str) -> None:
        self.channel_id = channel_id
        self.said: list[list[str]] = []
        self.spans: list[float] = []
        self.stopping = False
        self._chance = random.Random(4)

    async def speak(self, device: Device) -> None:
        own = self._begin()
        while not self.stopping:
            own.append(str(uuid4()))
            began = time.monotonic()
            device.send(self.channel_id, own[-1])
            await device.settled(30)
            await self._breathe(began)

    async def post(self, rest: Rest) -> None:
        """By request, none of which may fail: nothing is repeated here."""
        own = self._begin()
        while not self.stopping:
            own.append(str(uuid4()))
            began = time.monotonic()
            _, duplicate = await rest.send(self.channel_id, str(uuid4()), own[-1])
            assert not duplicate
            await self._breathe(began)

    def _begin(self) -> list[str]:
        self.said.append([])
        return self.said[-1]

    async def _breathe(self, began: float) -> None:
        self.spans.append(time.monotonic() - began)
        await asyncio.sleep(self._chance.uniform(0, PAUSE_SECONDS))


@pytest.mark.timeout(600)
@flow
async def test_exchanging_all_workers_under_load_fails_loses_and_doubles_nothing(tmp_path: Path) -> None:
    errors = Errors()
    with Cluster(tmp_path, 2) as cluster:
        people = await asyncio.to_thread(make_people, cluster.server, len(WAYS) + SENDERS)
        async with gathered(cluster.nginx.url, people, errors, cluster.nginx.trust) as crowd:
            load = await exchange_under_load(cluster, crowd)
            await require_everything(crowd, load)
        refused = [answer for answer in cluster.nginx.answers() if answer[0] == "POST" and answer[2] >= 300]
        assert (refused, errors.frames, cluster.errors()) == ([], [], [])


async def exchange_under_load(cluster: Cluster, crowd: Crowd) -> Load:
    crowd.devices_on(WAYS, people=crowd.people[: len(WAYS)], discovers=True)
    await crowd.start()
    load = Load(await crowd.group("변함없이"))
    speaking = [asyncio.create_task(load.speak(device)) for device in crowd.devices]
    addresses = [
        crowd.server,
        crowd.address(cluster.server.base_url),
        *map(crowd.address, map(cluster.url, cluster.ports)),
    ]
    for person, address in zip(crowd.people[len(WAYS) :], addresses, strict=True):
        speaking.append(asyncio.create_task(load.post(Rest(address, person.headers))))
    for _ in range(RESTARTS):
        await exchange_all(cluster)
    load.stopping = True
    await asyncio.gather(*speaking)
    return load


async def exchange_all(cluster: Cluster) -> None:
    """SIGHUP, and wait until all who served are gone, as long as it takes."""
    before, gone = cluster.pids(), cluster.server.log.count(" is gone (0)")
    began = time.monotonic()
    cluster.server.signal(signal.SIGHUP)
    await until(lambda: cluster.server.log.count(" is gone (0)") == gone + len(before))
    assert set(cluster.pids().values()).isdisjoint(before.values())
    figure(f"{len(before)} workers were exchanged in {time.monotonic() - began:.1f} s")


async def require_everything(crowd: Crowd, load: Load) -> None:
    log = await crowd.caught_up(load.channel_id)
    stored = texts(log)
    assert sorted(stored) == sorted(itertools.chain(*load.said))
    places = {text: place for place, text in enumerate(stored)}
    for said in load.said:
        assert [places[text] for text in said] == sorted(places[text] for text in said)
    for device in crowd.devices:
        require_same_log(device, load.channel_id, log)
        assert device.gaps == device.resyncs == device.resets == len(device.outbox.failed) == 0
    spans = sorted(load.spans)
    figure(
        f"{len(stored)} messages: acknowledged after p50 {spans[len(spans) // 2] * 1000:.0f} ms,"
        f" p99 {spans[len(spans) * 99 // 100] * 1000:.0f} ms, slowest {spans[-1] * 1000:.0f} ms;"
        f" {sum(device.connections - 1 for device in crowd.devices)} times somebody connected again"
    )
