"""What catching up costs is counted in rows read, not in time."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.store.catching_up import GO_THROUGH
from app.store.keyspace import Rows
from app.store.memory_store import MemoryKeyspace
from app.store.port import RESET_ABOVE
from app.store.row_store import RowMessageStore
from tests.store.world import SetClock, World


class CountingKeyspace(MemoryKeyspace):
    """Counts the rows that readers get, one by one or in scans."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    @contextmanager
    def reading(self) -> Iterator[Rows]:  # type: ignore[override]
        with super().reading() as snapshot:
            yield CountingRows(self, snapshot)


class CountingRows:
    def __init__(self, keyspace: CountingKeyspace, snapshot: Rows) -> None:
        self._keyspace = keyspace
        self._snapshot = snapshot

    def get(self, table: int, key: bytes) -> bytes | None:
        self._keyspace.read += 1
        return self._snapshot.get(table, key)

    def scan(
        self, table: int, first: bytes, last: bytes, backwards: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        for found in self._snapshot.scan(table, first, last, backwards):
            self._keyspace.read += 1
            yield found

    def last_key(self, table: int) -> bytes | None:
        self._keyspace.read += 1
        return self._snapshot.last_key(table)


@pytest.fixture
def keyspace() -> CountingKeyspace:
    return CountingKeyspace()


@pytest.fixture
def world(keyspace: CountingKeyspace) -> World:
    clock = SetClock()
    return World(RowMessageStore(keyspace, clock), clock)


def test_a_quiet_channel_costs_two_rows_and_a_channel_left_before_one(
    world: World, keyspace: CountingKeyspace
) -> None:
    ann = world.person()
    for other in world.people(100):
        world.direct(ann, other)
    owner = world.person()
    for _ in range(100):
        left = world.group(owner, ann)
        world.remove(ann, left, ann)
    start = world.here()
    world.direct(*world.people(2))
    keyspace.read = 0
    assert world.store.inbox(ann, start).events == []
    assert keyspace.read <= 2 * 200 + 100 + 5


def test_when_little_was_said_anywhere_only_that_is_gone_through(
    world: World, keyspace: CountingKeyspace
) -> None:
    ann, ben = world.people(2)
    for other in world.people(100):
        world.direct(ann, other)
    channel = world.direct(ann, ben)
    start = world.here()
    world.say_many(ben, channel, 3)
    world.direct(*world.people(2))
    keyspace.read = 0
    assert len(world.store.inbox(ann, start).events) == 3
    assert keyspace.read <= 101 + 4 + 5


def test_the_cost_of_missed_events_does_not_depend_on_what_was_said_before_or_elsewhere(
    world: World, keyspace: CountingKeyspace
) -> None:
    ann, ben, cho, dan = world.people(4)
    channel, elsewhere = world.direct(ann, ben), world.direct(cho, dan)
    costs = []
    for said_before in (10, 5_000):
        world.say_many(ben, channel, said_before)
        start = world.here()
        world.say_many(cho, elsewhere, said_before)
        world.say_many(ben, channel, 100)
        keyspace.read = 0
        assert len(world.store.inbox(ann, start).events) == 100
        costs.append(keyspace.read)
    assert costs[0] == costs[1] <= 2 * 100 + 30


def test_a_page_costs_the_events_it_has_and_not_all_that_are_missed(
    world: World, keyspace: CountingKeyspace
) -> None:
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    start = world.here()
    world.say_many(ben, channel, 4_000)
    keyspace.read = 0
    assert len(world.store.inbox(ann, start, 50).events) == 50
    assert keyspace.read <= 2 * 50 + 40


def test_a_page_of_history_costs_the_events_it_has(world: World, keyspace: CountingKeyspace) -> None:
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    world.say_many(ben, channel, 4_000)
    keyspace.read = 0
    assert len(world.store.history(ann, channel, before=2_000, limit=50).events) == 50
    assert keyspace.read <= 2 * 50 + 10


def test_a_person_in_very_many_channels_has_resets_like_everybody(world: World) -> None:
    ann, ben = world.people(2)
    for other in world.people(RESET_ABOVE // GO_THROUGH + 2):
        world.direct(ann, other)
    channel = world.direct(ann, ben)
    start = world.here()
    world.say_many(ben, channel, RESET_ABOVE + 1)
    assert [state.id for state in world.store.inbox(ann, start).reset] == [channel]
