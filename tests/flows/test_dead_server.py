"""One of two chat servers is killed with everybody on it: all go on at the other, and nothing is missing.

`MARU_CROWD=2000 MARU_FIGURES=1` does it to two thousand light clients, and prints how long they took.
"""

import asyncio
import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.client.device import Device
from tests.client.rest import Server as Address
from tests.discovery.town import House
from tests.flows.cluster import Cluster, measure
from tests.flows.conftest import make_people
from tests.flows.crowd import Crowd, figure, flow, gathered, texts
from tests.flows.light import Traveller
from tests.flows.raw import RawSocket
from tests.people import DEADLINE_SECONDS, Person, wait_until
from tests.serving import Server

CLIENTS = measure("MARU_CROWD", 150)
CALM_SECONDS = measure("MARU_CALM_SECONDS", 1)
PEOPLE, GROUPS, SPEAKERS_EACH = 20, 4, 2
RECOVERY_SECONDS = 120.0
NAMED_SECONDS = 8.0  # the lease of 6 s, and one announcement

pytestmark = pytest.mark.timeout(600)


class Talk:
    """Some people who go on talking, and how long each message took to be acknowledged."""

    def __init__(self, device: Device, channel_id: str, chance: random.Random) -> None:
        self.device, self.channel_id = device, channel_id
        self.said: list[str] = []
        self.spans: list[tuple[float, float]] = []
        self._chance = chance

    async def go_on(self) -> None:
        while True:
            self.said.append(str(uuid4()))
            began = time.monotonic()
            self.device.send(self.channel_id, self.said[-1])
            await self.device.settled(RECOVERY_SECONDS)
            self.spans.append((began, time.monotonic() - began))
            await asyncio.sleep(self._chance.uniform(0.3, 0.9))


@flow
async def test_when_a_server_is_killed_its_clients_go_on_at_the_other_and_miss_nothing(
    tmp_path: Path,
) -> None:
    with Cluster(tmp_path, 2, {"MARU_HANDSHAKES": "200"}) as cluster:
        people = await asyncio.to_thread(make_people, cluster.server, PEOPLE)
        async with gathered(cluster.nginx.url, people, None, cluster.nginx.trust) as crowd:
            await require_survived(cluster, crowd)
        (complaint,) = cluster.errors()
        assert "ended (-9) and starts again" in complaint


async def require_survived(cluster: Cluster, crowd: Crowd) -> None:
    chance = random.Random(3)
    groups = [await crowd.group(f"group {number}", crowd.people[number::GROUPS]) for number in range(GROUPS)]
    talks = []
    for number, person in enumerate(crowd.people[: GROUPS * SPEAKERS_EACH]):
        device = crowd.device(person, "websocket", discovers=True)
        talks.append(Talk(device, groups[number % GROUPS], chance))
    await crowd.start()
    home = crowd.address(cluster.server.base_url)
    travellers = [light(crowd, home, number, cluster, chance) for number in range(CLIENTS)]
    travelling = [asyncio.create_task(one.travel()) for one in travellers]
    await until(lambda: all(one.at for one in travellers))
    talking = [asyncio.create_task(talk.go_on()) for talk in talks]
    await asyncio.sleep(CALM_SECONDS)

    (dying, _), *_ = Counter(one.at for one in travellers).most_common()
    doomed = [one for one in travellers if one.at == dying]
    stayed = [talk for talk in talks if talk.device.where.url != cluster.url(dying)]
    refusals = sum(one.refusals for one in travellers)
    killed_at = time.monotonic()
    os.kill(cluster.pids()[dying], signal.SIGKILL)
    await until(lambda: all(one.live_since > killed_at for one in doomed))
    recovered_at = time.monotonic()
    refusals = sum(one.refusals for one in travellers) - refusals
    await asyncio.to_thread(require_back, cluster, dying)
    await asyncio.sleep(CALM_SECONDS)
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    await crowd.settled(RECOVERY_SECONDS)
    await require_everything(crowd, groups, talks, travellers)
    for task in travelling:
        task.cancel()
    await asyncio.gather(*travelling, return_exceptions=True)
    print_recovery(doomed, killed_at, refusals)
    print_acknowledgements(stayed, killed_at, recovered_at)


def light(crowd: Crowd, home: Address, number: int, cluster: Cluster, chance: random.Random) -> Traveller:
    """A light client of one of the people; each has some."""
    rest = crowd.rest(crowd.people[number % PEOPLE])
    rest.server = home
    return Traveller(rest, cluster.ports, chance)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while not holds():
            await asyncio.sleep(0.02)


def require_back(cluster: Cluster, name: str) -> None:
    """The supervisor starts the dead one again, and it takes clients."""
    wait_until(lambda: cluster.starts() == 3)
    looking = Person(cluster.server, "looking")
    for asked in cluster.ports:
        wait_until(lambda: cluster.named(looking, asked) == set(cluster.ports))  # noqa: B023
    with RawSocket(cluster.ports[name], {"Authorization": f"Bearer {looking.token}"}) as raw:
        raw.hello()


async def require_everything(
    crowd: Crowd, groups: list[str], talks: list[Talk], travellers: list[Traveller]
) -> None:
    """What was said is there once and in order, and everybody knows all of it."""
    for number, group in enumerate(groups):
        log = await crowd.rest(crowd.people[number]).log(group)
        stored = texts(log)
        assert (
            len(stored) == len(set(stored)) == sum(len(one.said) for one in talks if one.channel_id == group)
        )
        for talk in talks:
            if talk.channel_id == group:
                assert [text for text in stored if text in set(talk.said)] == talk.said
        inside = [one for place, one in enumerate(travellers) if place % PEOPLE % GROUPS == number]
        await until(lambda: all(one.last[group] == log[-1]["seq"] for one in inside))  # noqa: B023
    assert [one.errors for one in travellers if one.errors] == []
    assert sum(one.gaps + one.resyncs for one in travellers) == 0


def print_recovery(doomed: list[Traveller], killed_at: float, refusals: int) -> None:
    spans = [one.live_since - killed_at for one in doomed]
    cuts = statistics.quantiles(spans, n=100)
    figure(
        f"{len(doomed)} of {CLIENTS} light clients lost their server: caught up after p50 {cuts[49]:.2f} s,"
        f" p99 {cuts[98]:.2f} s, the last {max(spans):.2f} s; {refusals} handshakes were refused"
    )


def print_acknowledgements(stayed: list[Talk], killed_at: float, recovered_at: float) -> None:
    """Of those whose server lived."""
    found = [span for talk in stayed for span in talk.spans]
    for when, since, till in (
        ("before the kill", 0.0, killed_at),
        ("until all had come", killed_at, recovered_at),
        ("afterwards", recovered_at, float("inf")),
    ):
        spans = sorted(seconds * 1000 for at, seconds in found if since <= at < till)
        if spans:
            half, slowest = spans[len(spans) // 2], spans[-1]
            figure(
                f"acknowledged on the other server {when}: p50 {half:.0f} ms, slowest {slowest:.0f} ms of {len(spans)}"
            )


# --- discovery


def test_discovery_names_nobody_who_is_dead_or_goes_away_for_longer_than_the_lease(tmp_path: Path) -> None:
    house = House(tmp_path)
    going = Server(tmp_path / "c", {**house.b._env, "MARU_SERVER_ID": "c", "MARU_SERVER_URL": ""})
    with house.a, house.b, going, requests.Session() as session:
        looking = Person(house.a, "looking")
        wait_until(lambda: house.names(looking, house.a) == {"a", "b", "c"})
        session.headers["Authorization"] = f"Bearer {looking.token}"
        house.b.kill9()
        going.signal(signal.SIGTERM)
        ended = time.monotonic()
        named = last_named(f"{house.a.api_url}/servers", session)
    for name, fate in (("b", "killed"), ("c", "told to go")):
        assert named.get(name, ended) - ended < NAMED_SECONDS
        figure(f"a server that was {fate} was named for {max(0.0, named.get(name, ended) - ended):.2f} s")


def last_named(url: str, session: requests.Session) -> dict[str, float]:
    """Ask again and again, until only the one that is asked is named, and a while longer; when each was named last."""
    named: dict[str, float] = {}
    began = time.monotonic()
    while time.monotonic() < max([began, *(at for name, at in named.items() if name != "a")]) + 2:
        entries = session.get(url, timeout=DEADLINE_SECONDS).json()["servers"]
        named |= {entry["id"]: time.monotonic() for entry in entries}
        assert time.monotonic() < began + DEADLINE_SECONDS
    return named
