"""The MessageStore port: what the rest of Maru may ask of the place where messages live.

One contract suite (`tests/store/contract.py`) is run for every adapter. No I/O and no waiting is promised away:
calls block for as long as the disk takes; who calls them decides where (reads: microseconds, on the event loop;
`append`: a native thread, see `committer.py`).
"""

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

import msgspec

from app.core.ids import ChannelId, UserId
from app.store.cursor import Position
from app.store.drafts import AnyDraft
from app.store.events import ContactState, NotificationLevel, Role

ChannelKind = Literal["direct", "group"]

MAX_PAGE = 200  # events in a page of history
MAX_INBOX_EVENTS = 500  # events in a page of catching up
MAX_INBOX_BYTES = (
    255 * 1024
)  # bytes of event JSON in a page of catching up; its envelope fits into 256 KiB too
RESET_ABOVE = 5_000  # missed events of one channel that are still replayed


class Committed(msgspec.Struct, frozen=True, gc=False):
    """One event of the commit index. `body` is its wire JSON, in its present state when read back later."""

    g: int
    channel_id: ChannelId
    seq: int
    kind: str
    body: bytes


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """The draft was committed; `events` in `g` order, the one the draft asked for last. On disk, or the in-memory
    adapter's equal."""

    events: list[Committed]

    @property
    def event(self) -> Committed:
        return self.events[-1]


class Duplicate(msgspec.Struct, frozen=True, gc=False):
    """The same `client_message_id` and content was committed before: that event, in its present state."""

    event: Committed


class Unchanged(msgspec.Struct, frozen=True, gc=False):
    """The draft asked for what holds already; nothing was written. `event`: the row it speaks of, if there is one."""

    event: Committed | None = None


class Existing(msgspec.Struct, frozen=True, gc=False):
    """The pair has a direct channel already."""

    channel_id: ChannelId


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """Refused before any write, with a code of the catalogue."""

    code: str
    detail: str
    fields: dict[str, str] = {}


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """The commit raised: nobody can say whether the batch is on disk. Try again with the same id (503). `cause` is for
    the log of whoever may write one: the store may have been called in a native thread, where logging may not be."""

    detail: str
    cause: Exception | None = None


Outcome = Accepted | Duplicate | Unchanged | Existing | Rejected | Unknown


class Head(msgspec.Struct, frozen=True, gc=False):
    """A channel's latest position; `count` is its messages, `at` the time of the latest event."""

    seq: int
    count: int
    at: int


class ChannelState(msgspec.Struct, frozen=True, gc=False):
    """A channel as one member sees it. `unread` = messages after the read marker."""

    id: ChannelId
    kind: ChannelKind
    name: str
    topic: str
    avatar_id: str | None
    closed: bool
    role: Role
    member_count: int
    head: Head
    read_seq: int
    unread: int
    notification_level: NotificationLevel
    muted_until: int | None
    peer_id: UserId | None


class Member(msgspec.Struct, frozen=True, gc=False):
    """A present member. `joined_at` in ms; `read_seq`: their read marker."""

    user_id: UserId
    role: Role
    joined_at: int
    read_seq: int


class Contact(msgspec.Struct, frozen=True, gc=False):
    user_id: UserId
    state: ContactState
    incoming: bool
    since: int


class Heads(msgspec.Struct, frozen=True, gc=False):
    """All of a person's channels, most recently active first, and the position of the same snapshot."""

    channels: list[ChannelState]
    position: Position


class InboxPage(msgspec.Struct, frozen=True, gc=False):
    """What a person missed, oldest first. `position` is after it; `more`: ask again at once.

    `reset`: channels with more than `RESET_ABOVE` missed events, whose events are not in the pages.
    `resync`: the position asked from cannot be continued (other epoch, or ahead of the head): nothing else is set
    but `position`, the present start.
    `g`: the commit index the snapshot reached; when `more` is false `position.g == g`.
    `channel_ids`: the channels the person is in, as of that snapshot (for joining the tail)."""

    events: list[Committed]
    reset: list[ChannelState]
    position: Position
    more: bool
    resync: bool
    g: int
    channel_ids: list[ChannelId]


class HistoryPage(msgspec.Struct, frozen=True, gc=False):
    """Rows oldest first; whether there are earlier or later ones of the same kind beyond it."""

    events: list[Committed]
    has_before: bool
    has_after: bool


class MessageStore(Protocol):
    """All of it may be called from any thread of the process. Reads raise NotFound (app.core.errors) where the reader
    is not a present member: not a member and no such channel look the same."""

    def append(self, drafts: Sequence[AnyDraft]) -> list[Outcome]:
        """Commit the drafts in one durable transaction; one outcome each, in order. Safe in a native thread.

        They are applied channel by channel, so that the events of one channel are neighbours in `g`; drafts of one
        channel keep their order, and those that land in a personal channel (MarkRead, SetContact, settings)
        come after all others. A repeat (`client_message_id`) is recognised before rights are looked at; what was edited
        away or deleted since is a repeat whatever its content. Never raises for a draft's content. A failing disk gives
        Unknown (or Rejected `unavailable` when surely nothing was written, as when it is full) for every draft; when
        room runs short, only what deletes, leaves, closes or blocks is still taken."""

    def commits(self, after_g: int, limit: int) -> list[Committed]:
        """The commit index beyond `after_g`, dense and ascending."""

    def head_g(self) -> int:
        """The latest commit, 0 for an empty store."""

    def epoch(self) -> str:
        """The name of this history: 32 hex digits."""

    def inbox(self, user_id: UserId, position: Position, limit: int = MAX_INBOX_EVENTS) -> InboxPage:
        """One page of what the person has missed since the position, from one fresh snapshot.

        A channel with more than `RESET_ABOVE` missed events is in `reset`; one that the person has left by then gives
        only the own leave (there is nothing to show of it); the person's own channel is always replayed. Later pages
        of the same catch-up leave out what was reset on the first, whichever server they are asked of: their position
        says which stretch it was. Rows are in their present state. Costs the person's channels and the events of the
        page."""

    def heads(self, user_id: UserId) -> Heads:
        """Everything to start from nothing, from one snapshot."""

    def channel(self, user_id: UserId, channel_id: ChannelId) -> ChannelState: ...

    def history(
        self,
        user_id: UserId,
        channel_id: ChannelId,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
    ) -> HistoryPage:
        """Messages in their present state, joins, leaves and channel changes (not edits, deletes, roles). Bounds are
        exclusive; none: the latest. `around` n: about half before, n itself, half after."""

    def events(self, user_id: UserId, channel_id: ChannelId, after: int, limit: int) -> HistoryPage:
        """The log, every kind, dense, beyond `after`."""

    def event(self, user_id: UserId, channel_id: ChannelId, seq: int) -> Committed: ...

    def members(self, user_id: UserId, channel_id: ChannelId) -> list[Member]: ...

    def channel_ids(self, user_id: UserId) -> list[ChannelId]:
        """The channels the person is in now, the personal one not included."""

    def audience(self, channel_id: ChannelId) -> list[UserId]:
        """The present members of any channel; for delivery inside the server, never for answers."""

    def contacts(self, user_id: UserId) -> list[Contact]: ...

    def contact(self, user_id: UserId, other_id: UserId) -> Contact | None: ...

    def peers(self, user_id: UserId) -> list[UserId]:
        """Those the person has a direct channel with."""

    def blocked_by(self, user_id: UserId, others: Iterable[UserId]) -> set[UserId]:
        """Those of the others who have blocked the person."""

    def check(self) -> str | None:
        """None when writes are possible, otherwise a sentence saying why not (readiness)."""

    def maintain(self) -> None:
        """Once a minute: clear readers of dead processes."""

    def close(self) -> None: ...
