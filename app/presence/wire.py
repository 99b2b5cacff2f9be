"""How presence stands on the wire."""

from typing import Literal

import msgspec

State = Literal["online", "away", "offline", "unknown"]


class Presence(msgspec.Struct, frozen=True, gc=False):
    """Whether somebody is here. `online`: active on some device; `away`: connected, but active on none; `unknown`: it
    cannot be said, or not to who asks. `last_active_at`: when they last were active on a device; null: not known."""

    state: State
    last_active_at: int | None


UNKNOWN = Presence("unknown", None)


class PresenceAnswer(msgspec.Struct, frozen=True):
    """Of every member, by id."""

    presence: dict[str, Presence]
