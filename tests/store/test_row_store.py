"""A commit that fails: each draft has its answer, nothing half-done is taken for true, and the next one succeeds."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from app.store import rows
from app.store.drafts import AnyDraft, MarkRead, NewEdit, NewMessage, SetNotifications
from app.store.keyspace import CannotWrite
from app.store.memory_store import MemoryKeyspace, MemoryRows
from app.store.port import Rejected, Unknown
from app.store.row_store import RowMessageStore
from tests.store.world import SetClock, World


class FailingKeyspace(MemoryKeyspace):
    """Fails at the end of the next transaction, with all of it written or with none."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self.written_all_the_same = False

    @contextmanager
    def writing(self) -> Iterator[MemoryRows]:
        failure, self.failure = self.failure, None
        with super().writing() as txn:
            yield txn
            if failure is not None and not self.written_all_the_same:
                raise failure
        if failure is not None:
            raise failure


@pytest.fixture
def keyspace() -> FailingKeyspace:
    return FailingKeyspace()


@pytest.fixture
def world(keyspace: FailingKeyspace) -> World:
    clock = SetClock()
    return World(RowMessageStore(keyspace, clock), clock)


@pytest.mark.parametrize("written", [False, True])
def test_a_commit_that_raises_is_unknown_for_its_whole_batch_and_a_repeat_settles_it(
    world: World, keyspace: FailingKeyspace, caplog: pytest.LogCaptureFixture, written: bool
) -> None:
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    drafts = [
        NewMessage(
            author_id=ann,
            channel_id=channel,
            client_message_id=f"00000000-0000-7000-8000-{number:012}",
            text="hi",
        )
        for number in range(3)
    ]
    failure = OSError("the disk is on fire")
    keyspace.failure, keyspace.written_all_the_same = failure, written
    outcomes = world.store.append(drafts)
    assert [type(outcome) for outcome in outcomes] == [Unknown] * 3
    assert [getattr(outcome, "cause", None) for outcome in outcomes] == [failure] * 3
    assert not caplog.records, "a native thread must not log: the lock of logging is gevent's"
    again = world.store.append(drafts)
    assert [type(outcome).__name__ for outcome in again] == [["Accepted", "Duplicate"][written]] * 3
    assert [event.seq for event in world.events(ben, channel)] == [1, 2, 3, 4]
    assert world.store.channel(ben, channel).unread == 3


def test_a_commit_that_surely_left_no_trace_is_refused(world: World, keyspace: FailingKeyspace) -> None:
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    keyspace.failure = CannotWrite("The store is full.")
    draft = NewMessage(author_id=ann, channel_id=channel, text="hi")
    assert world.tell(draft) == Rejected("unavailable", "The store is full.")
    assert world.say(ann, channel) == 2
    assert world.store.channel(ben, channel).head.count == 1


def test_a_draft_that_cannot_be_stored_takes_nobody_else_with_it(world: World) -> None:
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    drafts: list[AnyDraft] = [
        NewMessage(author_id=ann, channel_id=channel, text="one"),
        NewMessage(author_id=ann, channel_id=channel, text="no Unicode: \ud800"),
        SetNotifications(author_id=ann, channel_id=channel, level="none", muted_until=1 << 70),
        NewEdit(author_id=ann, channel_id=channel, target=1 << 70, text="x"),
        MarkRead(author_id=ben, channel_id=channel, seq=1 << 70),
        NewMessage(author_id=ann, channel_id=channel, text="two"),
    ]
    outcomes = world.store.append(drafts)
    codes = [
        outcome.code if isinstance(outcome, Rejected) else type(outcome).__name__ for outcome in outcomes
    ]
    assert codes == ["Accepted", "invalid", "Accepted", "not_found", "Accepted", "Accepted"]
    assert [event.seq for event in world.events(ben, channel)] == [1, 2, 3]
    assert world.store.channel(ben, channel).head.count == 2
    assert world.store.channel(ben, channel).unread == 1


def test_a_failed_commit_gives_up_roles_and_memberships_too(world: World, keyspace: FailingKeyspace) -> None:
    ann, ben = world.people(2)
    channel = world.group(ann, ben)
    keyspace.failure = CannotWrite("The store is full.")
    world.remove(ann, channel, ben)
    assert world.store.audience(channel) == [ann, ben]
    assert world.say(ben, channel) == 2


class ReadCountingKeyspace(MemoryKeyspace):
    """Counts what a writer looks up in the tables of channels."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    @contextmanager
    def writing(self) -> Iterator[MemoryRows]:
        with super().writing() as txn:
            look_up = txn.get

            def get(table: int, key: bytes) -> bytes | None:
                self.read += table == rows.CHANNELS
                return look_up(table, key)

            with patch.object(txn, "get", get):
                yield txn


def test_a_channel_spoken_in_again_is_not_looked_up_again() -> None:
    keyspace, clock = ReadCountingKeyspace(), SetClock()
    world = World(RowMessageStore(keyspace, clock), clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    world.say(ann, channel)
    stranger = NewMessage(author_id=world.person(), channel_id=channel, text="hi")
    assert isinstance(world.tell(stranger), Rejected)
    keyspace.read = 0
    assert isinstance(world.tell(stranger), Rejected)
    world.say(ann, channel)
    world.say(ben, channel)
    assert keyspace.read == 0
