"""Every frame of the live protocol, typed, in one place; and the close codes. No I/O here.

Client frames are one tagged union, parsed by `decode_frame`. Server frames are structs, written by `encode_frame`,
but the two on the hot path: `events_frame` and `ok_frame` splice event JSON that is bytes already.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated, Any, Final

import msgspec

from app.accounts.wire import ServerEntry, User
from app.channels.wire import Channel, Seq
from app.core.errors import MaruError
from app.core.parse import parse_json
from app.messages.text import MAX_TEXT
from app.presence.wire import Presence
from app.store.events import AnyEvent

HEARTBEAT_SECONDS: Final = 25  # proxies drop idle links at 60
HELLO_SECONDS: Final = 10
MAX_FRAME_BYTES: Final = 256 * 1024
MAX_FIRST_FRAME_BYTES: Final = 4 * 1024  # nobody is known yet
ACK_EVERY_EVENTS: Final = 50
ACK_EVERY_SECONDS: Final = 1
TYPING_EVERY_SECONDS: Final = 3

FrameId = Annotated[
    int, msgspec.Meta(ge=0, lt=1 << 53, description="Chosen by the client, echoed in the answer")
]
Device = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, description="UUID the client made for this installation")
]
Cursor = Annotated[str, msgspec.Meta(description="Opaque: a device's position in its inbox")]


class ClientFrame(msgspec.Struct, frozen=True, tag_field="type", gc=False):
    """What a client sends; unknown fields are ignored."""


class Hello(ClientFrame, frozen=True, tag="hello"):
    """The first frame. `cursor` null: from the start. Without `device` no older connection is superseded. `ticket`: on
    a server of another host, where no cookie says who this is."""

    cursor: Cursor | None = None
    device: Device | None = None
    active: bool = True
    ticket: str | None = None


class Send(ClientFrame, frozen=True, kw_only=True, tag="send"):
    """Say something; `client_message_id` makes it safe to repeat."""

    id: FrameId
    channel_id: str
    client_message_id: str
    text: str
    reply_to: Seq | None = None


class Edit(ClientFrame, frozen=True, kw_only=True, tag="edit"):
    """New text for one's own message."""

    id: FrameId
    channel_id: str
    client_message_id: str
    target: Seq
    text: str


class Delete(ClientFrame, frozen=True, kw_only=True, tag="delete"):
    """Take a message back."""

    id: FrameId
    channel_id: str
    client_message_id: str | None = None
    target: Seq


class Read(ClientFrame, frozen=True, kw_only=True, tag="read"):
    """Move the read marker forward; answered only with an `id`."""

    channel_id: str
    seq: Seq
    id: FrameId | None = None


class Ack(ClientFrame, frozen=True, kw_only=True, tag="ack"):
    """All up to the cursor is stored on this device."""

    cursor: Cursor
    id: FrameId | None = None


class Typing(ClientFrame, frozen=True, kw_only=True, tag="typing"):
    """The person is writing in this channel."""

    channel_id: str
    id: FrameId | None = None


class Heartbeat(ClientFrame, frozen=True, tag="heartbeat"):
    """Still here. `active`: the page is in use; `open`: the channel on its screen, whose receipts it wants (null or
    left out: those of its direct channels)."""

    active: bool = False
    open: str | None = None


AnyClientFrame = Hello | Send | Edit | Delete | Read | Ack | Typing | Heartbeat

_decoder: msgspec.json.Decoder[AnyClientFrame] = msgspec.json.Decoder(AnyClientFrame)


def decode_frame(body: bytes) -> AnyClientFrame:
    """The client frame of a text message. Raises BadJson, or Invalid naming the field (`type` for an unknown one)."""
    return parse_json(body, _decoder)


class _Numbered(msgspec.Struct, frozen=True, gc=False):
    id: Any = None


_numbered = msgspec.json.Decoder(_Numbered)


def find_frame_id(body: bytes) -> int | None:
    """The `id` of a frame that was refused, for its error frame; None when it has no usable one."""
    try:
        number = _numbered.decode(body).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return number if type(number) is int and 0 <= number < 1 << 53 else None


class ServerFrame(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type"):
    """What the server sends; fields may be added."""


class Limits(msgspec.Struct, frozen=True):
    """What a client must keep to, so that it need not know by heart."""

    max_frame_bytes: int = MAX_FRAME_BYTES
    max_text: int = MAX_TEXT
    ack_every_events: int = ACK_EVERY_EVENTS
    ack_every_seconds: int = ACK_EVERY_SECONDS
    typing_every_seconds: int = TYPING_EVERY_SECONDS


class Welcome(ServerFrame, frozen=True, kw_only=True, tag="welcome"):
    """The answer to `hello`. `cursor` is where the stream continues: the one presented, or the new start."""

    server: str
    cursor: Cursor
    resync: bool
    """The presented cursor cannot be continued: drop cached rows, take `heads`."""
    heads: list[Channel] | None = None
    """The person's channels, with a new start."""
    reset: list[Channel]
    """Channels with too much missed: drop their rows, take the head as position."""
    heartbeat_seconds: int
    limits: Limits


class Events(ServerFrame, frozen=True, kw_only=True, tag="events"):
    """What happened: first what was missed, then live. `cursor` only if all of one's own up to it has been sent."""

    events: list[AnyEvent]
    cursor: Cursor | None = None


class Beat(ServerFrame, frozen=True, kw_only=True, tag="heartbeat"):
    """Still here, and all of yours up to the cursor has been sent on this connection."""

    cursor: Cursor


class Live(ServerFrame, frozen=True, tag="live"):
    """The missed events are through."""


class Ok(ServerFrame, frozen=True, kw_only=True, tag="ok"):
    """It is done, durably. Moves no position; the event comes in `events` too. No event with a read marker."""

    id: FrameId
    event: AnyEvent | None = None
    duplicate: bool = False


class Error(ServerFrame, frozen=True, kw_only=True, tag="error"):
    """It was refused; `code` is of the catalogue. The connection stays."""

    id: FrameId | None = None
    code: str
    detail: str
    fields: dict[str, str] | None = None
    retry_after: float | None = None


class Writing(ServerFrame, frozen=True, kw_only=True, tag="typing"):
    """Somebody is writing; holds for a few seconds."""

    channel_id: str
    user_id: str


class Presences(ServerFrame, frozen=True, kw_only=True, tag="presence"):
    """Who is here, as far as one may see it: once all one's contacts and those one has a direct channel with, when
    one is live; then changes. With a group open also its members, refreshed every few seconds."""

    users: dict[str, Presence]
    """By id."""


class Receipt(ServerFrame, frozen=True, kw_only=True, tag="receipt"):
    """How far somebody has read in a channel one has open; in a direct channel also told to who has none open."""

    channel_id: str
    user_id: str
    read_seq: int


class UserChanged(ServerFrame, frozen=True, kw_only=True, tag="user"):
    """A person's profile changed."""

    user: User


class Bye(ServerFrame, frozen=True, kw_only=True, tag="bye"):
    """The connection closes now, for the named reason; come back after `after_ms`. `servers`: there instead of here,
    best first."""

    code: str
    after_ms: int
    servers: list[ServerEntry] | None = None


AnyServerFrame = (
    Welcome | Events | Beat | Live | Ok | Error | Writing | Presences | Receipt | UserChanged | Bye
)  # fmt: skip

_encoder: Final = msgspec.json.Encoder()


def encode_frame(frame: AnyServerFrame) -> bytes:
    """The JSON text of a server frame, `type` first."""
    return _encoder.encode(frame)


def error_frame(error: MaruError, frame_id: int | None = None) -> bytes:
    """The error frame that tells of a domain error."""
    return encode_frame(
        Error(
            id=frame_id,
            code=error.code,
            detail=error.detail,
            fields=error.fields or None,
            retry_after=error.retry_after,
        )
    )


_EVENTS: Final = b'{"type":"events","events":['


def events_frame(bodies: Sequence[bytes], cursor: str | None = None) -> bytes:
    """An `events` frame of event JSON texts, unlooked at. The cursor's text is ASCII without quotes (cursor.py)."""
    joined = bodies[0] if len(bodies) == 1 else b",".join(bodies)
    if cursor is None:
        return _EVENTS + joined + b"]}"
    return b'%b%b],"cursor":"%b"}' % (_EVENTS, joined, cursor.encode())


def ok_frame(frame_id: int, body: bytes | None = None, duplicate: bool = False) -> bytes:
    """An `ok` frame around an event's JSON text; None where no event is told (read markers)."""
    if body is None:
        return b'{"type":"ok","id":%d}' % frame_id
    if duplicate:
        return b'{"type":"ok","id":%d,"event":%b,"duplicate":true}' % (frame_id, body)
    return b'{"type":"ok","id":%d,"event":%b}' % (frame_id, body)


class Close(IntEnum):
    """Why a WebSocket is closed. Codes below 4000 as in RFC 6455 7.4.1; the others are Maru's."""

    ASKED_FOR = 1000
    DRAIN = 1001
    PROTOCOL_ERROR = 1002
    BINARY = 1003
    BAD_UTF8 = 1007
    POLICY = 1008
    TOO_BIG = 1009
    UNAUTHENTICATED = 4001
    REVOKED = 4003
    SLOW = 4008
    SUPERSEDED = 4009
    RATE_LIMITED = 4029

    @property
    def reason(self) -> str:
        """The name on the wire: the close frame's reason and the `bye` frame's code."""
        return self.name.lower()


CLOSE_MEANINGS: Final[dict[Close, str]] = {
    Close.ASKED_FOR: "One of the two sides was done. Not again before the tab has the lock or the focus.",
    Close.DRAIN: "This server is going away. Reconnect, after `after_ms` of `bye` if it was given.",
    Close.PROTOCOL_ERROR: "The framing broke RFC 6455. Reconnect.",
    Close.BINARY: "Only text frames are taken. Reconnect.",
    Close.BAD_UTF8: "A text frame was no UTF-8. Reconnect; send what was in it by REST.",
    Close.POLICY: f"No `hello` came first, or not within {HELLO_SECONDS} s. Reconnect.",
    Close.TOO_BIG: f"A frame of over {MAX_FRAME_BYTES} bytes ({MAX_FIRST_FRAME_BYTES} before `hello`). Reconnect.",
    Close.UNAUTHENTICATED: "Nobody is signed in, or the ticket is good no more. Not again without signing in, or "
    "with a new ticket on a server of another host.",
    Close.REVOKED: "The session was ended. Not again without signing in.",
    Close.SLOW: "What was sent was not read fast enough. Reconnect and resume from the cursor.",
    Close.SUPERSEDED: "A newer connection of the same device took over. Not again before the tab has lock or focus.",
    Close.RATE_LIMITED: "Too many frames for too long. Reconnect after a while.",
}
