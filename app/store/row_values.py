"""What the rows of channels, members and contacts say, and how it is packed. The layouts stand in `rows.py`; no I/O."""

from struct import Struct
from typing import Final

import msgspec

from app.store.events import ContactState, NotificationLevel, Role
from app.store.rows import LOWEST, channel_id_of

CHANNEL_KINDS: Final = ("direct", "group", "personal")
DIRECT, GROUP, PERSONAL = range(len(CHANNEL_KINDS))
ROLES: Final[tuple[Role, ...]] = ("owner", "admin", "member")
LEVELS: Final[tuple[NotificationLevel, ...]] = ("all", "mentions", "none")
CONTACT_STATES: Final[tuple[ContactState, ...]] = ("none", "requested", "accepted", "blocked")

_HEAD: Final = Struct(">QQQQBBBB8s8s")
_MEMBER: Final = Struct(">BBQQQ")
_INTERVAL: Final = Struct(">QQQQQ")
_CONTACT: Final = Struct(">BBQ")


# Channels


class HeadRow:
    """A channel's latest position and what every commit to it must know.

    Of a direct channel: `pair`, its two people, and `blocks`, how many of them have blocked the other (a copy of what
    their contacts say, written in the same transaction, so that a message need not look there)."""

    __slots__ = (
        "at", "blocks", "channel", "channel_id", "closed", "count", "g", "kind", "member_count", "pair", "seq",
    )  # fmt: skip

    def __init__(self, channel: bytes, kind: int, pair: tuple[bytes, bytes] = (LOWEST, LOWEST)) -> None:
        self.channel = channel
        self.channel_id = channel_id_of(channel)
        self.kind = kind
        self.pair = pair
        self.seq = self.count = self.at = self.g = self.member_count = self.blocks = 0
        self.closed = False

    def peer_of(self, user: bytes) -> bytes:
        """The other person of a direct channel."""
        return self.pair[1] if self.pair[0] == user else self.pair[0]


def pack_head(head: HeadRow) -> bytes:
    return _HEAD.pack(
        head.seq,
        head.count,
        head.at,
        head.g,
        head.kind,
        head.closed,
        head.member_count,
        head.blocks,
        *head.pair,
    )


def head_g(row: bytes) -> int:
    """The g of a channel's latest event, without unpacking its head."""
    return int.from_bytes(row[24:32], "big")


def unpack_head(channel: bytes, row: bytes) -> HeadRow:
    seq, count, at, g, kind, closed, member_count, blocks, low, high = _HEAD.unpack(row)
    head = HeadRow(channel, kind, (low, high))
    head.seq, head.count, head.at, head.g = seq, count, at, g
    head.closed, head.member_count, head.blocks = bool(closed), member_count, blocks
    return head


class ChannelRecord(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a channel is called; empty for a direct one."""

    name: str = ""
    topic: str = ""
    avatar_id: str | None = None


pack_record = msgspec.json.Encoder().encode
unpack_record = msgspec.json.Decoder(ChannelRecord).decode


# Members


class Interval(msgspec.Struct, gc=False):
    """One stay in a channel, own join and own leave included; `leave_g` 0: still there."""

    join_g: int
    join_seq: int
    joined_at: int
    leave_g: int = 0
    leave_seq: int = 0


class MemberRow:
    """A person in a channel, now or once. `muted_until` 0: not muted for a time."""

    __slots__ = ("intervals", "level", "muted_until", "read_count", "read_seq", "role")

    def __init__(self) -> None:
        self.role: Role = "member"
        self.level: NotificationLevel = "all"
        self.muted_until = self.read_seq = self.read_count = 0
        self.intervals: list[Interval] = []

    @property
    def present(self) -> bool:
        return bool(self.intervals) and self.intervals[-1].leave_g == 0


def pack_member(member: MemberRow) -> bytes:
    packed = _MEMBER.pack(
        ROLES.index(member.role),
        LEVELS.index(member.level),
        member.muted_until,
        member.read_seq,
        member.read_count,
    )
    for stay in member.intervals:
        packed += _INTERVAL.pack(stay.join_g, stay.join_seq, stay.joined_at, stay.leave_g, stay.leave_seq)
    return packed


def unpack_member(row: bytes) -> MemberRow:
    member = MemberRow()
    role, level, member.muted_until, member.read_seq, member.read_count = _MEMBER.unpack_from(row)
    member.role, member.level = ROLES[role], LEVELS[level]
    member.intervals = [
        Interval(*_INTERVAL.unpack_from(row, offset))
        for offset in range(_MEMBER.size, len(row), _INTERVAL.size)
    ]
    return member


# Contacts


class ContactRow(msgspec.Struct, frozen=True, gc=False):
    state: ContactState
    incoming: bool
    since: int


NO_CONTACT: Final = ContactRow("none", False, 0)


def pack_contact(contact: ContactRow) -> bytes:
    return _CONTACT.pack(CONTACT_STATES.index(contact.state), contact.incoming, contact.since)


def unpack_contact(row: bytes) -> ContactRow:
    state, incoming, since = _CONTACT.unpack(row)
    return ContactRow(CONTACT_STATES[state], bool(incoming), since)
