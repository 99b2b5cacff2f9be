"""The tail takes each commit once and in order, whatever is brought to it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inbox import tail as tail_module
from app.inbox.tail import Tail
from app.store.memory_store import MemoryStore
from app.store.port import Committed
from tests.realtime.live import Turns
from tests.store.world import SetClock, World


class Follower:
    """A store with a history, and a tail of it that begins where the history began."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.store = MemoryStore(self.clock)
        self.turns = Turns()
        self.tail = Tail(self.store, self.turns.soon)
        self.taken: list[int] = []
        self.tail.listen(lambda commits: self.taken.extend(row.g for row in commits))
        self.world = World(self.store, self.clock)
        self.ann, self.bob = self.world.people(2)
        self.channel = self.world.direct(self.ann, self.bob)

    def say(self, count: int) -> list[Committed]:
        """So many commits more."""
        before = self.store.head_g()
        self.world.say_many(self.ann, self.channel, count)
        return self.store.commits(before, count)

    def rows(self, *positions: int) -> list[Committed]:
        return [self.store.commits(g - 1, 1)[0] for g in positions]


@pytest.fixture
def follower() -> Follower:
    return Follower()


def test_it_begins_where_the_store_is(follower: Follower) -> None:
    follower.say(3)
    assert Tail(follower.store, follower.turns.soon).position == 4


def test_the_next_commits_are_taken_as_they_are_brought(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.tail.look()
    commits = follower.say(3)
    monkeypatch.setattr(follower.store, "commits", None)  # it need not be asked
    follower.tail.offer(commits)
    assert follower.taken == [1, 2, 3, 4]


def test_what_is_known_already_is_skipped(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = follower.say(3)
    follower.tail.look()
    monkeypatch.setattr(follower.store, "commits", None)
    follower.tail.offer(commits)
    follower.tail.offer(commits[:1])
    assert follower.taken == [1, 2, 3, 4]


@pytest.mark.parametrize("positions", [(5,), (4, 5, 6), (2, 4), (1, 2, 3), (1, 3, 4), (1, 6)])
def test_a_gap_or_an_overlap_is_read_from_the_store(follower: Follower, positions: tuple[int, ...]) -> None:
    follower.tail.look()
    follower.say(5)
    follower.tail.offer(follower.rows(*positions))
    assert follower.taken == [1, 2, 3, 4, 5, 6] if positions[-1] > 1 else [1]
    assert follower.tail.position == 6


def test_a_long_absence_is_read_a_page_a_turn(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail_module, "LOOK_EVENTS", 4)
    follower.say(9)
    follower.tail.look()
    assert len(follower.taken) == 4
    follower.turns.turn()
    assert len(follower.taken) == 8
    follower.turns.run()
    assert follower.taken == list(range(1, 11))


def test_one_who_cannot_take_them_keeps_nobody_else_from_them(
    follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(commits: Sequence[Committed]) -> None:
        raise RuntimeError("not today")

    follower.tail.listen(fail)
    after: list[int] = []
    follower.tail.listen(lambda commits: after.append(len(commits)))
    follower.tail.look()
    assert (follower.taken, after) == ([1], [1])
    assert "not today" in caplog.text


@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=8),
    order=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 4), st.integers(1, 9)), max_size=20),
)
def test_hints_lost_doubled_cut_and_reordered_change_nothing(
    sizes: list[int], order: list[tuple[int, int, int]]
) -> None:
    follower = Follower()
    hints = [follower.say(size) for size in sizes]
    for which, start, length in order:
        hint = hints[which % len(hints)]
        piece = hint[start % len(hint) :][:length]
        follower.tail.offer(piece)
        assert follower.taken == list(range(1, len(follower.taken) + 1))
        assert follower.tail.position == len(follower.taken)
    follower.tail.look()
    assert follower.taken == list(range(1, 2 + sum(sizes)))
