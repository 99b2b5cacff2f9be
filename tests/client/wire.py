"""What travels: typed views of the JSON, and one shape for whatever a transport brings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

import msgspec

Json = dict[str, Any]
Rung = Literal["websocket", "longpoll", "poll"]
RUNGS: tuple[Rung, ...] = ("websocket", "longpoll", "poll")

AGAIN = frozenset({"rate_limited", "unavailable", "draining", "internal", "superseded"})
"""Codes after which the same thing may be asked once more; every other code is final."""


class Event(TypedDict):
    """One entry of a channel's log."""

    channel_id: str
    seq: int
    kind: str
    at: int
    author_id: str
    version: int
    client_message_id: NotRequired[str]
    text: NotRequired[str]
    count: NotRequired[int]
    reply_to: NotRequired[int]
    edited_at: NotRequired[int]
    deleted: NotRequired[bool]
    target: NotRequired[int]
    user_ids: NotRequired[list[str]]
    user_id: NotRequired[str]
    target_channel_id: NotRequired[str]
    read_seq: NotRequired[int]


class Head(TypedDict):
    seq: int
    count: int
    at: int


class Channel(TypedDict):
    """A channel as its member sees it; more fields are on the wire than are named here."""

    id: str
    kind: str
    head: Head
    read_seq: int
    unread: int


@dataclass(frozen=True)
class Batch:
    """One step forward, by whatever transport: events, channels that were reset, a cursor when one came along.

    `resync`: everything cached is void, `heads` stand instead. `heads` without it: the very start.
    """

    events: list[Event] = field(default_factory=list)
    cursor: str | None = None
    heads: list[Channel] | None = None
    reset: list[Channel] = field(default_factory=list)
    resync: bool = False


class Problem(Exception):
    """The server said no, and why; by HTTP (with `status`) or by a WebSocket error (status 0)."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        retry_after: float | None = None,
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status or 'error'} {code}: {detail} {fields or ''}")
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.fields = fields or {}

    @property
    def again(self) -> bool:
        """Whether the same request may succeed later; if not, the reason is final."""
        return self.code in AGAIN or self.status >= 500


class Unreachable(Exception):
    """Nobody can say what became of it: a time-out, a cut connection, a server that is away."""


class Closed(Unreachable):
    """A WebSocket ended. `lived`: seconds since it opened; `code` 1006 when no close frame came. `servers`: where to
    go instead, if that was said."""

    def __init__(
        self, code: int, reason: str, lived: float, after_ms: int | None = None, servers: Sequence[Json] = ()
    ) -> None:
        super().__init__(f"closed {code} {reason}".rstrip())
        self.code = code
        self.reason = reason
        self.lived = lived
        self.after_ms = after_ms
        self.servers = servers


class Violation(AssertionError):
    """The server broke a promise of the protocol. Never caught: a test that meets one has failed."""


encode = msgspec.json.encode
decode = msgspec.json.decode
