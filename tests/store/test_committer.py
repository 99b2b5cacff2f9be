"""Group commit: one native thread, callbacks on the event loop, an answer for everybody."""

import threading
from collections.abc import Iterator, Sequence

import gevent
import pytest
from gevent.event import Event

from app.core.ids import ChannelId, UserId
from app.store.committer import MAX_BATCH_BYTES, MAX_BATCH_DRAFTS, DirectCommitter, GroupCommitter
from app.store.drafts import AnyDraft, NewGroup, NewMessage
from app.store.memory_store import MemoryStore
from app.store.port import Accepted, Committed, Outcome, Rejected, Unknown
from tests.store.world import SetClock, World

DEADLINE_SECONDS = 20


class GatedStore(MemoryStore):
    """Says which batches it was given and by which thread, and waits at a gate before each."""

    def __init__(self) -> None:
        super().__init__(SetClock())
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.batches: list[int] = []
        self.threads: set[int] = set()
        self.fail = False

    def append(self, drafts: Sequence[AnyDraft]) -> list[Outcome]:
        self.threads.add(threading.get_ident())
        self.entered.set()
        assert self.gate.wait(DEADLINE_SECONDS)
        self.batches.append(len(drafts))
        if self.fail:
            self.fail = False
            raise RuntimeError("the store broke")
        return super().append(drafts)


@pytest.fixture
def store() -> GatedStore:
    return GatedStore()


@pytest.fixture
def channel(store: GatedStore) -> tuple[UserId, ChannelId]:
    world = World(store, SetClock())
    ann, ben = world.people(2)
    found = ann, world.direct(ann, ben)
    store.batches.clear()
    store.threads.clear()
    store.entered.clear()
    return found


@pytest.fixture
def batches() -> list[list[Committed]]:
    return []


@pytest.fixture
def committer(store: GatedStore, batches: list[list[Committed]]) -> Iterator[GroupCommitter]:
    committer = GroupCommitter(store, batches.append, max_waiting=3_000)
    yield committer
    store.gate.set()
    committer.stop()


def say(channel: tuple[UserId, ChannelId], text: str = "hi") -> NewMessage:
    return NewMessage(author_id=channel[0], channel_id=channel[1], text=text)


def hold(store: GatedStore, committer: GroupCommitter, channel: tuple[UserId, ChannelId]) -> None:
    """Have the thread wait inside a commit of one draft."""
    store.gate.clear()
    store.entered.clear()
    committer.submit(say(channel), lambda _: None)
    assert store.entered.wait(DEADLINE_SECONDS)


def wait_until(condition: Event) -> None:
    assert condition.wait(DEADLINE_SECONDS)


def test_a_greenlet_waits_for_its_outcome_while_others_go_on(
    store: GatedStore, committer: GroupCommitter, channel: tuple[UserId, ChannelId]
) -> None:
    store.gate.clear()
    waiting = gevent.spawn(committer.commit, say(channel))
    turns = 0
    while not store.entered.is_set():
        gevent.sleep(0)
        turns += 1
    assert not waiting.ready()
    store.gate.set()
    outcome = waiting.get(timeout=DEADLINE_SECONDS)
    assert isinstance(outcome, Accepted)
    assert outcome.event.seq == 2
    assert store.threads.isdisjoint({threading.get_ident()})


def test_what_gathered_during_a_commit_goes_into_the_next_one(
    store: GatedStore, committer: GroupCommitter, channel: tuple[UserId, ChannelId]
) -> None:
    hold(store, committer, channel)
    done = Event()
    for _ in range(99):
        committer.submit(say(channel), lambda _: None)
    committer.submit(say(channel), lambda _: done.set())
    store.gate.set()
    wait_until(done)
    assert store.batches == [1, 100]


def test_a_batch_is_bounded_in_drafts_and_in_bytes(
    store: GatedStore, committer: GroupCommitter, channel: tuple[UserId, ChannelId]
) -> None:
    hold(store, committer, channel)
    done = Event()
    for _ in range(MAX_BATCH_DRAFTS + 1):
        committer.submit(say(channel), lambda _: None)
    for _ in range(60):
        committer.submit(say(channel, "x" * (MAX_BATCH_BYTES // 50)), lambda _: None)
    committer.submit(say(channel), lambda _: done.set())
    store.gate.set()
    wait_until(done)
    assert store.batches == [1, MAX_BATCH_DRAFTS, 52, 10]


def test_the_events_of_a_batch_are_told_once_in_order_and_before_the_outcomes(
    store: GatedStore,
    committer: GroupCommitter,
    channel: tuple[UserId, ChannelId],
    batches: list[list[Committed]],
) -> None:
    hold(store, committer, channel)
    told_before: list[int] = []
    done = Event()
    for _ in range(5):
        committer.submit(say(channel), lambda outcome: told_before.append(batches[-1][-1].g))
    committer.submit(
        NewMessage(author_id=channel[0], channel_id=ChannelId("f" * 16), text="x"), lambda _: done.set()
    )
    store.gate.set()
    wait_until(done)
    assert [[row.g for row in batch] for batch in batches] == [[2], [3, 4, 5, 6, 7]]
    assert told_before == [7] * 5


def test_who_waits_for_it_to_settle_waits_for_what_came_before_and_not_for_what_comes_after(
    store: GatedStore, committer: GroupCommitter, channel: tuple[UserId, ChannelId]
) -> None:
    committer.settle()
    hold(store, committer, channel)
    answered: list[int] = []
    for number in range(3):
        committer.submit(say(channel), lambda _, number=number: answered.append(number))  # type: ignore[misc]
    settling = gevent.spawn(committer.settle)
    gevent.sleep(0)
    assert not settling.ready()
    settling.link(lambda _: committer.submit(say(channel), lambda _: answered.append(99)))
    store.gate.set()
    settling.get(timeout=DEADLINE_SECONDS)
    assert answered == [0, 1, 2]
    committer.settle()
    assert answered == [0, 1, 2, 99]


def test_events_are_told_in_the_order_of_their_commits_whatever_order_they_were_submitted_in(
    store: GatedStore,
    committer: GroupCommitter,
    channel: tuple[UserId, ChannelId],
    batches: list[list[Committed]],
) -> None:
    world = World(MemoryStore(SetClock()), SetClock())
    *_, cho, dan = world.people(9)
    ids = [channel[1], *(world.channel_id() for _ in range(3))]
    for opened in ids[1:]:
        committer.commit(NewGroup(author_id=channel[0], channel_id=opened, name="x", member_ids=[cho, dan]))
    batches.clear()
    hold(store, committer, channel)
    done = Event()
    for number in range(12):
        committer.submit(say((channel[0], ids[number % 4])), lambda _: None)
    committer.submit(say(channel), lambda _: done.set())
    store.gate.set()
    wait_until(done)
    told = [row.g for row in batches[-1]]
    assert told == sorted(told)
    assert len(told) == 13


def test_callbacks_run_on_the_event_loop_and_one_that_raises_does_not_stop_the_others(
    committer: GroupCommitter, channel: tuple[UserId, ChannelId], caplog: pytest.LogCaptureFixture
) -> None:
    done = Event()
    seen: list[object] = []

    def fail(_: Outcome) -> None:
        seen.append(gevent.getcurrent() is gevent.get_hub())
        raise ValueError("a mistake")

    committer.submit(say(channel), fail)
    committer.submit(say(channel), lambda _: done.set())
    wait_until(done)
    assert seen == [True]
    assert len(caplog.records) == 1


def test_a_store_that_raises_leaves_the_batch_in_doubt_and_the_thread_alive(
    store: GatedStore,
    committer: GroupCommitter,
    channel: tuple[UserId, ChannelId],
    caplog: pytest.LogCaptureFixture,
) -> None:
    store.fail = True
    assert isinstance(committer.commit(say(channel)), Unknown)
    (record,) = caplog.records
    assert record.thread == threading.get_ident()
    assert "the store broke" in str(record.exc_info)
    assert isinstance(committer.commit(say(channel)), Accepted)


def test_over_the_bound_a_draft_is_refused_at_once(
    store: GatedStore, committer: GroupCommitter, channel: tuple[UserId, ChannelId]
) -> None:
    hold(store, committer, channel)
    outcomes: list[Outcome] = []
    done = Event()
    for _ in range(2_999):
        committer.submit(say(channel), lambda _: None)
    committer.submit(say(channel), lambda _: done.set())
    committer.submit(say(channel), outcomes.append)
    assert [type(outcome) for outcome in outcomes] == [Rejected]
    store.gate.set()
    wait_until(done)
    assert isinstance(committer.commit(say(channel)), Accepted)


def test_stopping_finishes_what_was_submitted_and_then_refuses(
    store: GatedStore, committer: GroupCommitter, channel: tuple[UserId, ChannelId]
) -> None:
    hold(store, committer, channel)
    outcomes: list[Outcome] = []
    for _ in range(1_000):
        committer.submit(say(channel), outcomes.append)
    stopping = gevent.spawn(committer.stop)
    gevent.sleep(0)
    refused: list[Outcome] = []
    committer.submit(say(channel), refused.append)
    assert [type(outcome) for outcome in refused] == [Rejected]
    store.gate.set()
    stopping.join(timeout=DEADLINE_SECONDS)
    assert stopping.successful()
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 1_000
    assert sum(store.batches) == 1_001


def test_stopping_twice_or_with_nothing_submitted_ends_too(
    store: GatedStore, batches: list[list[Committed]]
) -> None:
    committer = GroupCommitter(store, batches.append)
    committer.stop()
    committer.stop()
    assert batches == []


def test_a_hundred_greenlets_each_get_their_own_outcome(
    committer: GroupCommitter, channel: tuple[UserId, ChannelId], batches: list[list[Committed]]
) -> None:
    def talk(number: int) -> list[bool]:
        found = []
        for turn in range(20):
            text = f"{number}-{turn}"
            outcome = committer.commit(say(channel, text))
            assert isinstance(outcome, Accepted)
            found.append(text.encode() in outcome.event.body)
        return found

    talking = [gevent.spawn(talk, number) for number in range(100)]
    gevent.joinall(talking, timeout=DEADLINE_SECONDS, raise_error=True)
    assert all(all(greenlet.value) for greenlet in talking)
    assert [row.g for batch in batches for row in batch] == list(range(2, 2_002))


def test_a_direct_committer_answers_before_it_returns(
    store: GatedStore, channel: tuple[UserId, ChannelId], batches: list[list[Committed]]
) -> None:
    committer = DirectCommitter(store, batches.append)
    outcomes: list[Outcome] = []
    committer.submit(say(channel), outcomes.append)
    assert [type(outcome) for outcome in outcomes] == [Accepted]
    assert [row.g for row in batches[0]] == [2]
    assert isinstance(committer.commit(say((channel[0], ChannelId("f" * 16)))), Rejected)
    assert len(batches) == 1
    committer.stop()
