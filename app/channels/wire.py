"""How channels and their members stand on the wire, and what calls about them carry."""

from typing import Annotated, Literal

import msgspec

from app.accounts.wire import User
from app.store.events import NotificationLevel, Role
from app.store.port import ChannelKind, Head

MAX_SEQ = (1 << 63) - 1  # eight bytes in the store's keys, less the sign for those who read it as signed
MAX_NAME = 80  # code points of a group's name, after trimming
MAX_TOPIC = 250  # code points

Seq = Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQ)]
Time = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1, description="Milliseconds since 1970")]


class Channel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel as one member sees it."""

    id: str
    kind: ChannelKind
    name: str
    """Empty for a direct channel: show the peer's name."""
    topic: str
    role: Role
    member_count: int
    head: Head
    read_seq: int
    unread: int
    """Messages after the read marker; deleted ones count on."""
    mentions: int
    """Unread messages that name the person. Always 0 until mentions come with notifications."""
    notification_level: NotificationLevel
    peer: User | None = None
    """The other person of a direct channel."""
    avatar_id: str | None = None
    muted_until: int | None = None
    closed: bool = False
