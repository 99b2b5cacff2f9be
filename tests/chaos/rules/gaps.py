"""A connection brings a channel's events one after the other: a client that keeps its cursor has no gap to repair."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Gap


def never(evidence: Evidence) -> Iterator[str]:
    for gap in evidence.all(Gap):
        yield f"{gap.device} knew {gap.channel} up to {gap.last} and was brought {gap.seq} at {gap.at:.2f} s"
