"""The record of a run: what every client asked, was answered, heard, and had on its screen at the end.

Only appended to. The checker reads nothing else, so a record must say everything that its rule needs. `at` is seconds
since the run began; `events` are the wire's own JSON.
"""

from typing import Any

import msgspec

Event = dict[str, Any]
Place = tuple[int, int, bool]
"""Of one channel on one device: known from seq, known to seq, whether the person is in it."""


class Record(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something that happened."""

    at: float


class Asked(Record, frozen=True):
    """A device took something into its outbox: `kind` is send, edit or delete."""

    device: str
    person: str
    id: str
    kind: str
    channel: str
    text: str = ""
    target: int = 0


class Answered(Record, frozen=True):
    """One attempt at it ended. `unknown`: nobody can say what became of it, and it is tried again.

    `event`: what the acknowledgement showed, if anything; `code`: why it was refused; `began`: when it was made."""

    device: str
    id: str
    outcome: str
    code: str = ""
    event: Event | None = None
    began: float | None = None


class Did(Record, frozen=True):
    """Something asked by a plain call, once: `kind` is create, direct, join, leave; `subject`: whom it is about."""

    person: str
    kind: str
    channel: str
    subject: str
    outcome: str
    code: str = ""
    began: float | None = None


class Marked(Record, frozen=True):
    """A device set its read marker."""

    device: str
    person: str
    channel: str
    seq: int


class LookedBack(Record, frozen=True):
    """A person read an acknowledged message again at once, at any server. `events`: the page around it."""

    person: str
    channel: str
    seq: int
    id: str
    events: list[Event]
    began: float | None = None


class Brought(Record, frozen=True):
    """A connection brought this: a frame, or the answer to `/sync`. `heads`: channels a new start stands at."""

    device: str
    person: str
    rung: str
    events: list[Event]
    cursor: str | None = None
    resync: bool = False
    start: bool = False


class Gap(Record, frozen=True):
    """A device knew a channel up to `last` and was brought `seq`, with others between missing."""

    device: str
    channel: str
    last: int
    seq: int


class Kept(Record, frozen=True):
    """What was on a device's disk together with this cursor."""

    device: str
    person: str
    cursor: str
    places: dict[str, Place]


class Connected(Record, frozen=True):
    device: str
    rung: str


class Lost(Record, frozen=True):
    """A connection ended that the device did not end."""

    device: str
    code: int
    reason: str


class PutAway(Record, frozen=True):
    """A device was ended by its person, or crashed."""

    device: str


class Failed(Record, frozen=True):
    """The device itself saw a promise broken, and stopped."""

    device: str
    why: str


class Struck(Record, frozen=True):
    fault: str
    what: str


class Healed(Record, frozen=True):
    fault: str


class Restored(Record, frozen=True):
    """The store was replaced by the copy of it that was made at `copied_at`."""

    copied_at: float


class Quiet(Record, frozen=True):
    """Faults are healed, nothing more is asked; from here on everybody only catches up."""


class Unsettled(Record, frozen=True):
    """A device that was not done by the end: what still waits in its outbox, what it is doing."""

    device: str
    waiting: list[str]
    state: str


class Log(Record, frozen=True):
    """A channel as `reader`, a member, was given it by `/events`; `stage` is end, or restarted."""

    stage: str
    channel: str
    reader: str
    events: list[Event]


class Screen(Record, frozen=True):
    """All rows that a device holds of a channel in the end; without a gap from `first` to `last`, it believes."""

    device: str
    person: str
    channel: str
    first: int
    last: int
    rows: list[Event]


class Standing(Record, frozen=True):
    """A channel as it stands in a person's list in the end."""

    person: str
    channel: str
    unread: int
    read_seq: int
    head_seq: int
    head_count: int


class Replayed(Record, frozen=True):
    """What catching up from a cursor brought in the end; `kept` lay beside it. `firsts`: each channel's first seq."""

    device: str
    person: str
    cursor: str
    kept: dict[str, Place]
    firsts: dict[str, int]
    resync: bool
    reset: list[str]
    events: list[Event]


class Grumbled(Record, frozen=True):
    """A traceback in a server's log: the line before it, and its last. No violation, but worth a look."""

    server: str
    said: str
    error: str


AnyRecord = (
    Asked | Answered | Did | Marked | LookedBack | Brought | Gap | Kept | Connected | Lost | PutAway | Failed | Struck
    | Healed | Restored | Quiet | Unsettled | Log | Screen | Standing | Replayed | Grumbled
)  # fmt: skip


class History:
    """Append-only; in the order in which things became known here."""

    def __init__(self, records: list[AnyRecord] | None = None) -> None:
        self.records: list[AnyRecord] = records or []

    def add(self, record: AnyRecord) -> None:
        self.records.append(record)

    def dump(self) -> bytes:
        """One JSON object a line."""
        return msgspec.json.Encoder().encode_lines(self.records)


def load(lines: bytes) -> History:
    return History(msgspec.json.Decoder(AnyRecord).decode_lines(lines))
