"""A cursor on a device's disk is never ahead of what lies beside it: catching up from there leaves nothing out."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Replayed


def never_ahead(evidence: Evidence) -> Iterator[str]:
    for replayed in evidence.all(Replayed):
        if replayed.resync:
            continue
        for channel, (_, last, here) in replayed.kept.items():
            first = replayed.firsts.get(channel)
            if not here or channel == replayed.person or channel in replayed.reset:
                continue
            if first is None and last < _end(evidence, channel, replayed.person, last):
                yield f"{_name(replayed)} brings nothing of {channel}, known to {last} only"
            if first is not None and first > last + 1:
                yield f"{_name(replayed)} goes on at {first} of {channel}, known to {last} only"


def _end(evidence: Evidence, channel: str, person: str, last: int) -> int:
    """How far the stay in which the device was goes: to its leave, or to the end of the log."""
    length = len(evidence.logs.get(channel, ()))
    for joined, left in evidence.intervals(channel, person):
        if joined <= last <= left:
            return min(left, length)
    return 0


def _name(replayed: Replayed) -> str:
    return f"the cursor {replayed.cursor} of {replayed.device}"
