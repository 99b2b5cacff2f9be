"""The workloads of Maru alone: what they make is really there, and what their clients count really happened."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.workloads import catching_up, costs
from bench.workloads.caller import Caller, catch_up
from bench.workloads.day_people import Device, OnRequests, OnSocket, Tally
from bench.workloads.documents import filled
from bench.workloads.plan import Plan, Stretch, Town, settled
from bench.workloads.run import keep, read_found
from bench.workloads.shape import Table, delays, markdown, number, quantile
from tests.people import DEADLINE_SECONDS
from tests.serving import Server

SAID = 30


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Town]:
    """Three people in a group in which something was said, and the folder that holds it."""
    folder = tmp_path_factory.mktemp("town")
    return folder, settled(folder / "data", Plan(3, [[0, 1, 2]], [Stretch("said", [0], SAID)]))


@pytest.fixture(scope="module")
def server(town: tuple[Path, Town]) -> Iterator[Server]:
    server = Server(town[0])
    with server:
        yield server


def test_who_comes_back_gets_what_was_written_since_by_websocket_and_by_poll(
    server: Server, town: tuple[Path, Town]
) -> None:
    person, cursor = town[1].people[0], town[1].stretch("said").cursor

    caught = catch_up(server.port, person.token, cursor)
    with Caller(server.port, person.token) as caller:
        page = caller.get(f"/api/v1/sync?cursor={cursor}").json()

    assert caught.events == len(page["events"]) == SAID
    assert caught.cursor == page["cursor"] == town[1].cursor


def test_devices_of_a_mixed_day_hear_a_message_once_and_note_from_when_it_was_due(
    server: Server, town: tuple[Path, Town]
) -> None:
    tally = Tally()

    asyncio.run(_talk(server, town[1], tally))

    assert tally.counts["delivered"] == 3
    assert {name: len(noted) for name, noted in tally.delays.items()} == {
        "websocket": 2,
        "longpoll": 1,
        "answered": 1,
    }
    assert not [
        name for name in tally.counts if name.startswith(("gaps", "error", "answered", "failed", "conn"))
    ]


async def _talk(server: Server, town: Town, tally: Tally) -> None:
    seat = (server.port, town.cursor, False, lambda: tally)
    speaker, listener, waiting = (
        OnSocket(town.people[0], *seat),
        OnSocket(town.people[1], *seat),
        OnRequests(town.people[2], *seat, held=True),
    )
    devices: list[Device] = [speaker, listener, waiting]
    for device in devices:
        await device.come()
    due = time.monotonic_ns()
    speaker.say(town.channels[0].channel_id, due, f"{due:019d} hello")
    async with asyncio.timeout(DEADLINE_SECONDS):
        while tally.counts["delivered"] < 3 or "answered" not in tally.delays:
            await asyncio.sleep(0.01)
    for device in devices:
        device.go()


def test_what_was_due_before_a_measurement_is_not_of_it() -> None:
    tally = Tally(since_ns=1_000)

    tally.note("answered", 999)
    tally.note("answered", 1_000)

    assert len(tally.delays["answered"]) == 1


def test_quantiles_and_numbers_are_shown_as_exactly_as_they_mean_something() -> None:
    thousand = [place / 1_000 for place in range(1, 1_001)]

    assert quantile(thousand, 0.99) == 0.991
    assert delays(thousand) == "501 / 991"
    assert [number(value) for value in (1234.5, 12.34, 0.123)] == ["1,234", "12.3", "0.12"]


def test_what_a_workload_found_is_kept_beside_what_others_found(tmp_path: Path) -> None:
    path = tmp_path / "workloads.json"
    for workload, value in ((catching_up.WORKLOAD, 1.0), (costs.WORKLOAD, 2.0), (catching_up.WORKLOAD, 3.0)):
        keep(workload, [Table("Title", [], [], {workload.name: value})], path)

    assert read_found(path).figures() == {"catching_up": 3.0, "costs": 2.0}


def test_a_document_gets_the_tables_whose_places_it_has_and_keeps_its_words() -> None:
    other = "<!-- table: other -->\nstays\n<!-- end -->\n"
    text = f"Before.\n\n<!-- table: known -->\nold\n<!-- end -->\n\nAfter.\n\n{other}"

    new = filled(text, {"known": [Table("New", ["a"], [["1"]])]})

    assert new.startswith("Before.\n\n<!-- table: known -->\n**New**\n\n| a |")
    assert new.endswith(f"\n<!-- end -->\n\nAfter.\n\n{other}")
    assert "old" not in new


def test_a_table_is_markdown() -> None:
    table = Table("Title", ["a", "b"], [["1", "2"]], notes=["A note."])

    assert markdown(table) == "**Title**\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nA note."
