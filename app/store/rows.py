"""How rows are laid out in the tables of a key-value store: fixed-width, big-endian, so that ranges are scans.

    JOURNAL     g 8                     channel 8, seq 8, kind 1, last edit's seq 8, then the event's wire JSON
    CHANNELS    channel 8, 1, seq 8     index: g 8, messages up to here 8, kind 1
                channel 8, 2            head: seq 8, count 8, at 8, g 8, kind 1, closed 1, members 1, blocks 1, pair 16
                channel 8, 3            record: JSON of name, topic, avatar
                channel 8, 4, user 8    member: role 1, level 1, muted until 8, read seq 8, read count 8, then
                                        each stay: join g, join seq, joined at, leave g, leave seq (8 each)
    PEOPLE      user 8, 1, channel 8    membership, seen from the person: g of the leave 8 (0: present)
                user 8, 2, other 8      contact: state 1, incoming 1, since 8
    DUPLICATES  client id 16, author 8  g 8, digest of the content 16 (zeros: any content)
    DIRECTS     lower 8, higher 8       channel 8, of the two users
    META        b"epoch"                16 random bytes

A channel's newest index rows, head and first members are neighbours, so that a message to a small channel touches one
page of them. No I/O here.
"""

from functools import lru_cache
from struct import Struct
from typing import Final

from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId, pack_id
from app.store.events import (
    AnyEvent,
    ChannelEvent,
    ContactEvent,
    DeleteEvent,
    EditEvent,
    JoinEvent,
    LeaveEvent,
    MessageEvent,
    ReadEvent,
    RoleEvent,
    SettingsEvent,
)
from app.store.port import Committed

JOURNAL: Final = 0
CHANNELS: Final = 1
PEOPLE: Final = 2
DUPLICATES: Final = 3
DIRECTS: Final = 4
META: Final = 5
TABLE_NAMES: Final = (b"journal", b"channels", b"people", b"duplicates", b"directs", b"meta")

EPOCH: Final = b"epoch"
EPOCH_BYTES: Final = 16
LARGEST: Final = (1 << 63) - 1  # number in a row
ANY_CONTENT: Final = bytes(16)

INDEX: Final = b"\x01"
HEAD: Final = b"\x02"
RECORD: Final = b"\x03"
MEMBER: Final = b"\x04"
MEMBERSHIP: Final = b"\x01"
CONTACT: Final = b"\x02"
LOWEST: Final = bytes(8)
HIGHEST: Final = b"\xff" * 8

KINDS: Final = (
    "message",
    "edit",
    "delete",
    "join",
    "leave",
    "role",
    "channel",
    "read",
    "contact",
    "settings",
)
MESSAGE, EDIT, DELETE, JOIN, LEAVE, ROLE, CHANNEL, READ, CONTACT_KIND, SETTINGS = range(len(KINDS))
_CODES: Final[dict[type[AnyEvent], int]] = {
    MessageEvent: MESSAGE, EditEvent: EDIT, DeleteEvent: DELETE, JoinEvent: JOIN, LeaveEvent: LEAVE, RoleEvent: ROLE,
    ChannelEvent: CHANNEL, ReadEvent: READ, ContactEvent: CONTACT_KIND, SettingsEvent: SETTINGS,
}  # fmt: skip
HISTORY_KINDS: Final = frozenset((MESSAGE, JOIN, LEAVE, CHANNEL))


_NUMBER: Final = Struct(">Q")
_JOURNAL: Final = Struct(">8sQBQ")
_INDEX: Final = Struct(">QQB")
_DUPLICATE: Final = Struct(">Q16s")

pack_number = _NUMBER.pack
pack_index = _INDEX.pack
unpack_index = _INDEX.unpack
pack_duplicate = _DUPLICATE.pack
unpack_duplicate = _DUPLICATE.unpack


def kind_of(event: AnyEvent) -> int:
    """The kind's code of an event's struct."""
    return _CODES[type(event)]


class MalformedId(NotFound):
    """An id that cannot name anything here. A reader hears what they would of an id that is not in use."""

    def __init__(self, identity: str) -> None:
        super().__init__(f"Nothing is named {identity!r}.")


def unpack_number(packed: bytes) -> int:
    return int.from_bytes(packed, "big")


@lru_cache(maxsize=32_768)
def key_of(identity: str) -> bytes:
    """The 8 bytes of an id. Raises MalformedId."""
    try:
        return pack_id(identity)
    except ValueError:
        raise MalformedId(identity) from None


def user_id_of(key: bytes) -> UserId:
    return UserId(key.hex())


def channel_id_of(key: bytes) -> ChannelId:
    return ChannelId(key.hex())


# Journal -------------------------------------------------------------------------------------------------------------


def pack_journal(channel: bytes, seq: int, kind: int, last_edit: int, body: bytes) -> bytes:
    return _JOURNAL.pack(channel, seq, kind, last_edit) + body


def committed(g: int, row: bytes) -> Committed:
    """The event of a journal row; its JSON is copied, not decoded."""
    channel, seq, kind, _ = _JOURNAL.unpack_from(row)
    return Committed(g, channel_id_of(channel), seq, KINDS[kind], row[_JOURNAL.size :])


def channel_of(row: bytes) -> bytes:
    return row[:8]


def last_edit_of(row: bytes) -> int:
    """The seq of the edit whose text the message of this row has; 0 when it was never edited."""
    return int(_JOURNAL.unpack_from(row)[3])


# Channels ------------------------------------------------------------------------------------------------------------


def index_key(channel: bytes, seq: int) -> bytes:
    return channel + INDEX + pack_number(seq)


def head_key(channel: bytes) -> bytes:
    return channel + HEAD


def record_key(channel: bytes) -> bytes:
    return channel + RECORD


def member_key(channel: bytes, user: bytes) -> bytes:
    return channel + MEMBER + user


# People --------------------------------------------------------------------------------------------------------------


def membership_key(user: bytes, channel: bytes) -> bytes:
    return user + MEMBERSHIP + channel


def contact_key(user: bytes, other: bytes) -> bytes:
    return user + CONTACT + other


# Duplicates and direct pairs -----------------------------------------------------------------------------------------


def duplicate_key(client_message_id: str, author: bytes) -> bytes:
    """Client ids of version 7 come in time order, so new keys land side by side. Raises MalformedId."""
    try:
        packed = bytes.fromhex(client_message_id.replace("-", ""))
    except ValueError:
        packed = b""
    if len(packed) != 16:
        raise MalformedId(client_message_id)
    return packed + author


def pair_of(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    return (one, other) if one < other else (other, one)
