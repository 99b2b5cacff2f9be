"""Two and four chat servers behind nginx, people spread over them by discovery: one log, whoever is where.

`MARU_CROWD=25 MARU_LINES=100000 MARU_FIGURES=1` replays all of the logs to 25 devices a server, and prints what it
costs that a message crosses from one server to another.
"""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chatlogs import UBUNTU_LOGS, script
from tests.client.device import Device
from tests.client.wire import Event, Rung
from tests.flows.cluster import Cluster, measure
from tests.flows.conftest import make_people
from tests.flows.crowd import Crowd, figure, flow, gathered
from tests.flows.test_replay import require_replayed

EACH = measure("MARU_CROWD", 10)  # devices a server: so many that chance leaves none without
LINES = measure("MARU_LINES", 150)
MEASURED = max(60, LINES // 100)
WAYS: tuple[Rung, ...] = ("websocket", "websocket", "longpoll", "poll")

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(params=[2, 4], ids=["two servers", "four servers"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path, request.param) as cluster:
        yield cluster
    assert cluster.errors() == []


@flow
async def test_logs_are_replayed_in_order_to_devices_on_all_servers_and_transports(cluster: Cluster) -> None:
    devices = EACH * len(cluster.ports)
    people = await asyncio.to_thread(make_people, cluster.server, devices)
    authors, lines = script(UBUNTU_LOGS, devices - 1)
    async with gathered(cluster.nginx.url, people, None, cluster.nginx.trust) as crowd:
        await crowd.server.learn()
        crowd.devices_on(WAYS, discovers=True)
        await require_replayed(crowd, authors, lines[:LINES])
        spread = Counter(device.where.url for device in crowd.devices)
        assert spread.keys() == {cluster.url(name) for name in cluster.ports}
        figure(f"{len(cluster.ports)} servers had {sorted(spread.values())} devices")
    async with gathered(cluster.nginx.url, people, None, cluster.nginx.trust) as crowd:
        await measure_the_way(crowd, cluster)


async def measure_the_way(crowd: Crowd, cluster: Cluster) -> None:
    """From saying to hearing with both on one server, and on two; by turns, so that both meet the same machine."""
    here, there = (crowd.address(cluster.url(name)) for name in list(cluster.ports)[:2])
    speaker, near, far = crowd.people[:3]
    saying = crowd.device(speaker, "websocket", server=here)
    ways = {"on one server": (near, here), "from server to server": (far, there)}
    channels = {}
    for way, (person, address) in ways.items():
        listening = crowd.device(person, "websocket", server=address)
        channels[way] = (await crowd.rest(speaker).direct(person.user_id))["id"], listening
    await crowd.start()
    spans: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(MEASURED):
        for way, (channel_id, listening) in channels.items():
            spans[way].append(await span(saying, listening, channel_id, f"{number}"))
    for way, found in spans.items():
        cuts = statistics.quantiles(found, n=100)
        figure(
            f"send to heard {way}: p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms of {len(found)}"
        )


async def span(saying: Device, listening: Device, channel_id: str, text: str) -> float:
    """Seconds from saying to hearing."""
    heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def witness(event: Event) -> None:
        if event["channel_id"] == channel_id and event.get("text") == text:
            heard.set_result(time.perf_counter())

    listening.witness = witness
    said = time.perf_counter()
    saying.send(channel_id, text)
    async with asyncio.timeout(15):
        return await heard - said
