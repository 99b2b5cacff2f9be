"""What a row of the table says: octets that are written, packet by packet, and exactly what comes back."""

import json
from dataclasses import dataclass
from typing import NamedTuple


class Taken(NamedTuple):
    """A message arrived whole: its number and word came back (None where it was no JSON)."""

    number: int | None
    word: str | None


class Welcomed(NamedTuple):
    """A `hello` was answered."""


class Binary(NamedTuple):
    """A binary message came back, of this many bytes."""

    size: int


class Ponged(NamedTuple):
    payload: bytes


class Closed(NamedTuple):
    """A close frame; 1005 stands for one without a code."""

    code: int


class Ended(NamedTuple):
    """The other side stopped writing without a close frame."""


Heard = Taken | Welcomed | Binary | Ponged | Closed | Ended


def taken(payload: bytes) -> Taken:
    """What is heard when this payload has been taken as it is."""
    try:
        content = json.loads(payload)
    except ValueError:
        return Taken(None, None)
    return Taken(content["id"], content["type"])


@dataclass(frozen=True)
class Case:
    """One row.

    `section`: that of the Autobahn test suite where the case is like one there. `writes`: the packets. `hears`: all
    that comes back, in order; unless it ends with a close or an end, the conversation is then closed with 1000 and
    nothing else may have come.
    """

    section: str
    says: str
    writes: tuple[bytes, ...]
    hears: tuple[Heard, ...]
    greeted: bool = True
    """After `hello` and `welcome`. If not, the row is about Maru's greeting and no peer can be asked."""
    closes: bool = False
    """The writes hold a close frame."""
    cuts: bool = False
    """Nothing is written after the writes, and the server is told so (FIN)."""
    unfinished: bool = False
    """Maru's verdict comes before the last frame is whole. The peers are told that no more comes, lest they wait."""
    differs: str = ""
    """Why Maru's verdict is neither that of `ws` nor that of `websockets`."""

    def __str__(self) -> str:
        return f"{self.section} {self.says}"

    @property
    def all_heard(self) -> tuple[Heard, ...]:
        """With the closing that the row does not mention."""
        if self.hears and isinstance(self.hears[-1], Closed | Ended):
            return self.hears
        return (*self.hears, Closed(1000))
