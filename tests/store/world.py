"""A small world to test a store in: people, conversations, and short words for what they do."""

import uuid
from collections.abc import Iterable, Sequence

from app.core.ids import ChannelId, UserId
from app.store.cursor import Position
from app.store.drafts import (
    AddMembers,
    AnyDraft,
    ContactAction,
    MarkRead,
    NewDelete,
    NewDirect,
    NewEdit,
    NewGroup,
    NewMessage,
    RemoveMember,
    SetContact,
)
from app.store.events import AnyEvent, MessageEvent, decode_event, encode_event
from app.store.port import Accepted, Committed, InboxPage, MessageStore, Outcome, Rejected

NOON = 1_800_000_000_000  # ms


class SetClock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.ms = NOON

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


def client_id() -> str:
    return str(uuid.uuid4())


class World:
    """Ids are handed out in order, so that tests can say who sorts first."""

    def __init__(self, store: MessageStore, clock: SetClock) -> None:
        self.store = store
        self.clock = clock
        self._drawn = 0

    def _draw(self) -> str:
        self._drawn += 1
        return f"{self._drawn:016x}"

    def person(self) -> UserId:
        return UserId(self._draw())

    def people(self, count: int) -> list[UserId]:
        return [self.person() for _ in range(count)]

    def channel_id(self) -> ChannelId:
        return ChannelId(self._draw())

    # Doing

    def tell(self, draft: AnyDraft) -> Outcome:
        return self.store.append([draft])[0]

    def done(self, draft: AnyDraft) -> Committed:
        """The draft's event. It must be accepted."""
        outcome = self.tell(draft)
        assert isinstance(outcome, Accepted), outcome
        return outcome.event

    def direct(self, one: UserId, other: UserId) -> ChannelId:
        return self.done(NewDirect(author_id=one, channel_id=self.channel_id(), peer_id=other)).channel_id

    def group(self, owner: UserId, *members: UserId) -> ChannelId:
        draft = NewGroup(author_id=owner, channel_id=self.channel_id(), name="hall", member_ids=list(members))
        return self.done(draft).channel_id

    def say(self, author: UserId, channel: ChannelId, text: str = "hello") -> int:
        """The seq of the new message."""
        return self.done(
            NewMessage(author_id=author, channel_id=channel, client_message_id=client_id(), text=text)
        ).seq

    def say_many(self, author: UserId, channel: ChannelId, count: int) -> None:
        for start in range(0, count, 500):
            drafts = [
                NewMessage(author_id=author, channel_id=channel, text=f"{number}")
                for number in range(start, min(start + 500, count))
            ]
            assert all(isinstance(outcome, Accepted) for outcome in self.store.append(drafts))

    def say_sized(self, author: UserId, channel: ChannelId, size: int) -> int:
        """Say something whose event is exactly so many bytes of JSON; its seq."""
        head = self.store.channel(author, channel).head
        empty = MessageEvent(
            channel_id=channel,
            seq=head.seq + 1,
            at=self.clock.ms,
            author_id=author,
            version=head.seq + 1,
            count=head.count + 1,
            text="",
        )
        text = "x" * (size - len(encode_event(empty)))
        event = self.done(NewMessage(author_id=author, channel_id=channel, text=text))
        assert len(event.body) == size
        return event.seq

    def edit(self, author: UserId, channel: ChannelId, target: int, text: str) -> Outcome:
        return self.tell(
            NewEdit(
                author_id=author, channel_id=channel, client_message_id=client_id(), target=target, text=text
            )
        )

    def delete(self, author: UserId, channel: ChannelId, target: int) -> Outcome:
        return self.tell(NewDelete(author_id=author, channel_id=channel, target=target))

    def add(self, author: UserId, channel: ChannelId, *users: UserId) -> Outcome:
        return self.tell(AddMembers(author_id=author, channel_id=channel, user_ids=list(users)))

    def remove(self, author: UserId, channel: ChannelId, user: UserId) -> Outcome:
        return self.tell(RemoveMember(author_id=author, channel_id=channel, user_id=user))

    def read(self, author: UserId, channel: ChannelId, seq: int) -> Outcome:
        return self.tell(MarkRead(author_id=author, channel_id=channel, seq=seq))

    def contact(self, author: UserId, action: ContactAction, other: UserId) -> Outcome:
        return self.tell(
            SetContact(author_id=author, channel_id=ChannelId(author), other_id=other, action=action)
        )

    # Looking

    def events(self, user: UserId, channel: ChannelId) -> list[AnyEvent]:
        """The whole log of a channel."""
        found: list[AnyEvent] = []
        while True:
            page = self.store.events(user, channel, len(found), 200)
            found += [decode_event(row.body) for row in page.events]
            if not page.has_after:
                return found

    def message(self, user: UserId, channel: ChannelId, seq: int) -> MessageEvent:
        event = decode_event(self.store.event(user, channel, seq).body)
        assert isinstance(event, MessageEvent)
        return event

    def here(self) -> Position:
        """The present end of the history."""
        return Position(self.store.epoch(), self.store.head_g())

    def beginning(self) -> Position:
        return Position(self.store.epoch(), 0)

    def catch_up(self, user: UserId, position: Position, limit: int = 500) -> list[InboxPage]:
        """All pages from a position to the end."""
        pages = [self.store.inbox(user, position, limit)]
        while pages[-1].more:
            pages.append(self.store.inbox(user, pages[-1].position, limit))
        return pages

    def missed(self, user: UserId, position: Position) -> list[tuple[ChannelId, int]]:
        """`(channel, seq)` of all a person missed since a position."""
        return places(row for page in self.catch_up(user, position) for row in page.events)


def places(rows: Iterable[Committed]) -> list[tuple[ChannelId, int]]:
    return [(row.channel_id, row.seq) for row in rows]


def refused(outcome: Outcome) -> str:
    """The code of a rejection."""
    assert isinstance(outcome, Rejected), outcome
    return outcome.code


def kinds(events: Sequence[AnyEvent]) -> list[str]:
    return [str(event.__struct_config__.tag) for event in events]
