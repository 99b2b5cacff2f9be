"""Ids: 64 bits as 16 hex digits, 42 bits of milliseconds then 22 random ones, so that keys are made in order.

Uniqueness is checked where an id is stored (primary key, `direct` key); two makers in one millisecond
collide once in four million, and the second is asked to draw again.
"""

import re
import secrets
import uuid
from typing import NewType

UserId = NewType("UserId", str)
ChannelId = NewType("ChannelId", str)
SessionId = NewType("SessionId", str)

ID_BYTES = 8
_ID = re.compile(r"[0-9a-f]{16}")


def new_id(now_ms: int) -> str:
    """A new id that sorts after those of earlier milliseconds."""
    return f"{(now_ms << 22 | secrets.randbits(22)) & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def first_id(now_ms: int) -> str:
    """What no id of that millisecond or later sorts before."""
    return f"{(now_ms << 22) & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def new_event_id(now_ms: int) -> str:
    """A `client_message_id` for an event that no client asked for: a UUID of version 7 (RFC 9562, 5.7)."""
    number = now_ms << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=number & (1 << 128) - 1))


def is_id(text: str) -> bool:
    """Whether the text has the form of an id; nothing is said of its existence."""
    return _ID.fullmatch(text) is not None


def pack_id(identity: str) -> bytes:
    """The 8 bytes of an id, as they stand in keys. Raises ValueError for another form."""
    packed = bytes.fromhex(identity)
    if len(packed) != ID_BYTES:
        raise ValueError(f"not an id: {identity!r}")
    return packed


def personal_channel(user_id: UserId) -> ChannelId:
    """The channel that carries a person's own events has the person's id."""
    return ChannelId(user_id)
