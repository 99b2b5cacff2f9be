"""Which chat server is best for a client. No I/O here; chance is given.

Servers of the client's region come first; where the event loop lags, last of them. Among equals: two are drawn and the
less loaded one goes first, again and again. The best of all would send everybody to one server until it announces its
new load; two choices do nearly as well, and spread. For the same reason loads that are nearly alike count as equal:
with two servers all who come at once, after a third one's death, would else go to the same.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.discovery.registry import Entry

LAGGING_MS = 250
ALIKE = 0.05  # of the capacity: more may come between two announcements


@dataclass(frozen=True, slots=True)
class Place:
    """One address, and the processes behind it taken together. `load` is the part of their capacity that is taken."""

    id: str
    address: str
    region: str
    load: float
    lagging: bool


def places(entries: Iterable[Entry]) -> list[Place]:
    """Processes that share an address are one place: who goes there meets any of them."""
    ordered = sorted(entries, key=lambda entry: (entry.address, entry.id))
    return [_place(list(group)) for _, group in groupby(ordered, key=lambda entry: entry.address)]


def _place(entries: Sequence[Entry]) -> Place:
    first = entries[0]
    return Place(
        id=first.id,
        address=first.address,
        region=first.region,
        load=sum(entry.connections for entry in entries) / max(1, sum(entry.capacity for entry in entries)),
        lagging=max(entry.lag_ms for entry in entries) > LAGGING_MS,
    )


def ranked(found: Iterable[Place], region: str, chance: random.Random) -> list[Place]:
    """Best first. Without a region all are equally near."""

    def merit(place: Place) -> tuple[bool, bool]:
        return bool(region) and place.region != region, place.lagging

    ordered = sorted(found, key=merit)
    return [place for _, group in groupby(ordered, key=merit) for place in _spread(list(group), chance)]


def _spread(equals: list[Place], chance: random.Random) -> Iterator[Place]:
    while equals:
        drawn = chance.sample(equals, min(2, len(equals)))
        better = _better(drawn)
        equals.remove(better)
        yield better


def _better(drawn: list[Place]) -> Place:
    """The less loaded one; of those that are alike the one that was drawn first."""
    best = min(drawn, key=lambda place: place.load)
    return drawn[0] if drawn[0].load - best.load < ALIKE else best
