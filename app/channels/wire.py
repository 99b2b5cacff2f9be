"""How channels and their members stand on the wire, and what calls about them carry."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from app.accounts.wire import User
from app.store.events import NotificationLevel, Role
from app.store.port import ChannelKind, Head

MAX_SEQ = (1 << 63) - 1  # eight bytes in the store's keys, less the sign for those who read it as signed

Seq = Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQ)]
Time = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53, description="Milliseconds since 1970")]


class Channel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel as one member sees it.

    `name` is empty for a direct channel: show the peer's. `unread`: messages after the read marker, deleted ones too.
    `mentions`: unread messages that name the person; always 0 until mentions come with notifications.
    """

    id: str
    kind: ChannelKind
    name: str
    topic: str
    role: Role
    member_count: int
    head: Head
    read_seq: int
    unread: int
    mentions: int
    notification_level: NotificationLevel
    peer: User | None = None
    avatar_id: str | None = None
    muted_until: int | None = None
    closed: bool = False


class ChannelAnswer(msgspec.Struct, frozen=True):
    channel: Channel


class ChannelsAnswer(msgspec.Struct, frozen=True):
    """Most recently active first."""

    channels: list[Channel]


class CreateChannel(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What a new channel is made of. `member_ids` need not name the one who makes it."""

    member_ids: list[str]


class CreateDirect(CreateChannel, frozen=True, kw_only=True, tag="direct"):
    """A channel of two: `member_ids` names the other person."""


class CreateGroup(CreateChannel, frozen=True, kw_only=True, tag="group"):
    """A group. `name`: 1 to 80 characters; `topic`: up to 250."""

    name: str
    topic: str = ""


class PatchChannel(msgspec.Struct, frozen=True):
    """What is left out stays as it is; an empty topic takes it away."""

    name: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET


class AddMember(msgspec.Struct, frozen=True):
    user_id: str


class PatchMember(msgspec.Struct, frozen=True):
    role: Role


class Member(msgspec.Struct, frozen=True):
    """A present member. `delivered_seq`: all up to it has reached a device of theirs, as far as this server process
    knows; never below `read_seq`."""

    user: User
    role: Role
    joined_at: int
    read_seq: int
    delivered_seq: int


class MemberAnswer(msgspec.Struct, frozen=True):
    member: Member


class MembersAnswer(msgspec.Struct, frozen=True):
    members: list[Member]


class PutRead(msgspec.Struct, frozen=True):
    """How far the person has read."""

    seq: Seq


class ReadAnswer(msgspec.Struct, frozen=True):
    """Where the read marker stands now: never behind where it was, never beyond the head."""

    read_seq: int


class PutNotifications(msgspec.Struct, frozen=True):
    """How the channel notifies; `muted_until` null: not muted."""

    level: NotificationLevel
    muted_until: Time | None = None
