"""A channel's log counts 1, 2, 3 …, and its time never runs backwards."""

from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.evidence import Evidence


def dense_and_forward(evidence: Evidence) -> Iterator[str]:
    for channel, events in evidence.logs.items():
        for number, event in enumerate(events, 1):
            if event["seq"] != number:
                yield f"channel {channel} has seq {event['seq']} where {number} was due"
                break
        for one, other in pairwise(events):
            if other["at"] < one["at"]:
                yield f"time ran backwards in channel {channel}: {one['at']} at {one['seq']}, then {other['at']}"
