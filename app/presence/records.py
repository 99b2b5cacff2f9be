"""What servers say of people, and what follows when their words are put together. Pure.

Each server speaks for the people connected to it: one record a person, told on change and kept in Redis under a lease.
Who may see it travels inside, so that a reader asks no database.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from app.accounts.wire import Visibility
from app.core.ids import UserId
from app.presence.wire import UNKNOWN, Presence, State


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One server's word about one person. `version` grows with each word of an instance; `offline`: not here any
    more. `last_active_at` in ms."""

    user_id: UserId
    instance: str
    version: int
    state: Literal["online", "away", "offline"]
    last_active_at: int | None
    visibility: Visibility


class Found(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a person: a record of each server they are on, and the latest that outlives going offline."""

    records: Sequence[Record] = ()
    seen: Record | None = None


class Sight(msgspec.Struct, frozen=True, gc=False):
    """What there is to see of a person, and who may."""

    presence: Presence
    visibility: Visibility = "everyone"

    def shown_to(self, is_contact: bool) -> Presence:
        """As somebody sees it who shares a channel with the person, or is their contact."""
        if self.visibility == "everyone" or (self.visibility == "contacts" and is_contact):
            return self.presence
        return UNKNOWN

    def differs_from(self, other: "Sight") -> bool:
        """Whether somebody should be told. When exactly one who is online was last active tells nobody anything."""
        if self.presence.state == other.presence.state == "online":
            return self.visibility != other.visibility
        return self != other


_decoder = msgspec.msgpack.Decoder(Record)
_encoder = msgspec.msgpack.Encoder()
_BEST: dict[State, int] = {"offline": 0, "unknown": 1, "away": 2, "online": 3}
_STRICTEST: dict[Visibility, int] = {"everyone": 0, "contacts": 1, "nobody": 2}


def encode_record(record: Record) -> bytes:
    return _encoder.encode(record)


def decode_record(payload: bytes) -> Record:
    """Raises msgspec.DecodeError for what is none."""
    return _decoder.decode(payload)


def combine(
    believed: Sequence[Record], doubted: Sequence[Record], seen: Record | None, *, unsure: bool
) -> Sight:
    """What all words together say: the best device counts.

    `doubted`: records of servers that may be dead; whom they had here, nobody can say. `unsure`: what is missing may
    have been lost. Who may see it: the latest word of living servers; of several the strictest.
    """
    states: list[State] = ["offline", *(record.state for record in believed)]
    if unsure or any(record.state != "offline" for record in doubted):
        states.append("unknown")
    state: State = max(states, key=_BEST.__getitem__)
    kept = [seen] if seen is not None else []
    times = [
        record.last_active_at for record in (*believed, *doubted, *kept) if record.last_active_at is not None
    ]
    living = [record for record in believed if record.state != "offline"]
    return Sight(
        Presence(state, max(times, default=None)), _strictest(living or kept or [*believed, *doubted])
    )


def _strictest(records: Iterable[Record]) -> Visibility:
    return max((record.visibility for record in records), key=_STRICTEST.__getitem__, default="everyone")
