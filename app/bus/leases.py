"""Leases: small values under keys that run out by themselves, shared by all servers.

Like everything on the broker they may be lost at any time: who needs one has another way, or asks again. Calls wait, so
they are for greenlets, never for callbacks of the event loop.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from app.core.errors import Unavailable


class BrokerAway(Unavailable):
    """The keys cannot be reached now. Raised within seconds; nobody can say whether a write was done."""


class Put(msgspec.Struct, frozen=True):
    """Keep a value under a key for so many seconds, instead of whatever was there."""

    key: bytes
    value: bytes
    seconds: int


class SetField(msgspec.Struct, frozen=True):
    """Keep a value in one field of a key's fields, and all of them for so many seconds from now."""

    key: bytes
    field: bytes
    value: bytes
    seconds: int


class DropField(msgspec.Struct, frozen=True):
    """Forget one field of a key."""

    key: bytes
    field: bytes


Write = Put | SetField | DropField


class Leases(Protocol):
    """Every call raises BrokerAway when the keys cannot be reached."""

    def put(self, key: bytes, value: bytes, seconds: int) -> None: ...

    def take(self, key: bytes) -> bytes | None:
        """The value, which is gone by that: of many who ask at once, one gets it."""

    def write(self, writes: Sequence[Write]) -> None:
        """All of them, in order, in one exchange. Others may look in between."""

    def read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of the keys, None where there is none."""

    def read_fields(self, keys: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        """The fields of each key, empty where there are none."""

    def close(self) -> None:
        """Let go of what reaches them."""
