"""Whatever people do in whatever order, a store answers as the naive model does, and devices end up complete.

A reset is made to happen above four missed events, so that catching up goes through it often."""

import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.core.ids import ChannelId, UserId
from app.store.cursor import Position
from app.store.drafts import (
    AddMembers,
    AnyDraft,
    MarkRead,
    NewDelete,
    NewDirect,
    NewEdit,
    NewGroup,
    NewMessage,
    RemoveMember,
    SetContact,
)
from app.store.events import LeaveEvent, decode_event
from app.store.lmdb_store import LmdbStore
from app.store.memory_store import MemoryStore
from app.store.port import Accepted, Outcome, Rejected
from app.store.row_store import RowMessageStore
from tests.store.model import Model
from tests.store.world import SetClock

PEOPLE = [UserId(f"{number:016x}") for number in range(1, 5)]
CHANNELS = [ChannelId(f"{number:016x}") for number in range(101, 107)]
RESET_ABOVE = 4
PAGE = 2

people, channels = st.sampled_from(PEOPLE), st.sampled_from(CHANNELS)
seqs, texts = st.integers(1, 12), st.sampled_from(["one", "two", "셋"])
client_ids = st.none() | st.integers(1, 6).map(lambda n: f"00000000-0000-7000-8000-{n:012x}")
some_people = st.lists(people, max_size=4)


def drafts_of(kind: type[AnyDraft], **content: st.SearchStrategy[Any]) -> st.SearchStrategy[AnyDraft]:
    return st.builds(kind, author_id=people, channel_id=channels, **content)


opening = st.builds(
    NewDirect, author_id=people, channel_id=st.sampled_from(CHANNELS[:3]), peer_id=people
) | st.builds(
    NewGroup,
    author_id=people,
    channel_id=st.sampled_from(CHANNELS[3:]),
    name=texts,
    member_ids=some_people,
)
talking = drafts_of(NewMessage, client_message_id=client_ids, text=texts)
changing = drafts_of(NewEdit, client_message_id=client_ids, target=seqs, text=texts) | drafts_of(
    NewDelete, target=seqs
)
moving = drafts_of(AddMembers, user_ids=some_people) | drafts_of(RemoveMember, user_id=people)
reading = drafts_of(MarkRead, seq=seqs)
blocking = people.flatmap(
    lambda user: st.builds(
        SetContact,
        author_id=st.just(user),
        channel_id=st.just(ChannelId(user)),
        other_id=people,
        action=st.sampled_from(["block", "remove"]),
    )
)
drafts = talking | talking | talking | changing | moving | reading | blocking | opening


class Device:
    """What one device of a person has taken from its inbox, page by page."""

    def __init__(self, user: UserId, position: Position) -> None:
        self.user = user
        self.position = position
        self.rows: dict[str, list[tuple[int, int]]] = {}  # by channel: (g, seq)
        self.since: dict[str, int] = {}  # by channel: everything beyond this g is here

    def take_page(self, store: RowMessageStore, model: Model) -> bool:
        page = store.inbox(self.user, self.position, PAGE)
        assert not page.resync
        begins = self.position.g >= self.position.until
        assert {state.id for state in page.reset} == (self._too_much(model) if begins else set())
        for state in page.reset:
            self.rows[state.id] = []
            self.since[state.id] = page.g
        for row in page.events:
            mine = self.rows.setdefault(row.channel_id, [])
            assert not mine or mine[-1] < (row.g, row.seq)
            mine.append((row.g, row.seq))
            event = decode_event(row.body)
            if isinstance(event, LeaveEvent) and event.user_id == self.user:
                self.rows[row.channel_id] = []
                self.since[row.channel_id] = row.g
        self.position = page.position
        return page.more

    def _too_much(self, model: Model) -> set[str]:
        """Channels of the person with more news than are replayed."""
        return {
            channel
            for channel in model.channels()
            if model.present(channel, self.user)
            and sum(g > self.position.g for g, _ in model.allowed(channel, self.user)) > RESET_ABOVE
        }


class StoreMachine(RuleBasedStateMachine):
    def make_store(self) -> RowMessageStore:
        return MemoryStore(self.clock)

    def __init__(self) -> None:
        super().__init__()
        self._patch = patch("app.store.catching_up.RESET_ABOVE", RESET_ABOVE)
        self._patch.start()
        self.clock = SetClock()
        self.store = self.make_store()
        self.model = Model()
        self.start = Position(self.store.epoch(), 0)
        self.devices = [Device(user, self.start) for user in PEOPLE]

    def teardown(self) -> None:
        try:
            for device in self.devices:
                while device.take_page(self.store, self.model):
                    pass
                self._check_complete(device)
        finally:
            self._patch.stop()
            self.store.close()

    @rule(draft=opening | talking | changing | moving | reading | blocking)
    def one(self, draft: AnyDraft) -> None:
        if isinstance(draft, NewDirect | NewGroup) and draft.channel_id in self.model.channels():
            return
        foretold = self.model.foretell(draft)
        outcome = self.store.append([draft])[0]
        answer = outcome.code if isinstance(outcome, Rejected) else type(outcome).__name__
        assert answer == foretold
        self._note([draft], [outcome])

    @rule(batch=st.lists(drafts, min_size=2, max_size=8))
    def many(self, batch: list[AnyDraft]) -> None:
        self._note(batch, self.store.append(batch))

    @rule(ms=st.integers(-5_000, 5_000))
    def time_passes(self, ms: int) -> None:
        self.clock.ms += ms

    @rule(device=st.integers(0, len(PEOPLE) - 1))
    def a_device_asks(self, device: int) -> None:
        self.devices[device].take_page(self.store, self.model)

    def _note(self, batch: list[AnyDraft], outcomes: list[Outcome]) -> None:
        accepted = [
            (draft, outcome)
            for draft, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Accepted)
        ]
        self.model.take(sorted((row for _, o in accepted for row in o.events), key=lambda row: row.g))
        for draft, _ in accepted:
            self.model.remember(draft)

    @invariant()
    def the_commit_index_is_dense(self) -> None:
        assert [row.g for row in self.store.commits(0, 10_000)] == list(range(1, len(self.model.log) + 1))

    @invariant()
    def the_log_of_each_channel_is_dense_and_in_its_present_state(self) -> None:
        for channel in self.model.channels():
            rows = self.model.now(channel)
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            assert [row.at for row in rows] == sorted(row.at for row in rows)
            for user in self.model.members(channel):
                found = self.store.events(user, ChannelId(channel), 0, 200).events
                assert [decode_event(row.body) for row in found] == rows[:200]

    @invariant()
    def everybody_has_the_heads_the_log_gives_them(self) -> None:
        for user in PEOPLE:
            heads = self.store.heads(user)
            mine = {channel for channel in self.model.channels() if self.model.present(channel, user)}
            assert {state.id for state in heads.channels} == mine
            assert heads.position.g == len(self.model.log)
            for state in heads.channels:
                assert state.head.seq == len(self.model.channel(state.id))
                assert state.member_count == len(self.model.members(state.id))
                assert state.role == self.model.role(state.id, user)
                assert state.unread == self.model.unread(state.id, user)
                assert state.read_seq == self.model.marker(state.id, user)

    def _check_complete(self, device: Device) -> None:
        """The device has exactly what was due since it last began with a channel."""
        for channel in {*self.model.channels(), device.user}:
            since = device.since.get(channel, 0)
            stays = self.model.stays(channel, device.user)
            due = [
                (g, event.seq)
                for g, event in self.model.allowed(channel, device.user)
                if g > since and (channel == device.user or (stays and stays[-1][1] is None))
            ]
            assert device.rows.get(channel, []) == due


class LmdbMachine(StoreMachine):
    def make_store(self) -> RowMessageStore:
        self._folder = tempfile.TemporaryDirectory()
        return LmdbStore(Path(self._folder.name) / "messages", self.clock)

    def teardown(self) -> None:
        super().teardown()
        self._folder.cleanup()


TestMemoryStoreAgainstTheModel = StoreMachine.TestCase
TestMemoryStoreAgainstTheModel.settings = settings(max_examples=60, stateful_step_count=30)
TestLmdbStoreAgainstTheModel = LmdbMachine.TestCase
TestLmdbStoreAgainstTheModel.settings = settings(max_examples=12, stateful_step_count=25)
