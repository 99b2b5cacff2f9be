"""What counts as unread is what lies behind the marker in the log, counted anew; markers hold what was marked."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Marked, Screen, Standing


def equals_recount(evidence: Evidence) -> Iterator[str]:
    for standing in evidence.all(Standing):
        log = evidence.logs.get(standing.channel)
        where = f"{standing.channel} in the list of {standing.person}"
        if log is None:
            yield f"{where} is a channel nobody can read"
            continue
        messages = [event["seq"] for event in log if event["kind"] == "message"]
        unread = sum(seq > standing.read_seq for seq in messages)
        if standing.unread != unread:
            yield f"{where} has {standing.unread} unread behind {standing.read_seq}; counted {unread}"
        if (standing.head_seq, standing.head_count) != (len(log), len(messages)):
            yield (
                f"{where} has its head at {standing.head_seq} with {standing.head_count} messages; counted {len(log)}"
                f" and {len(messages)}"
            )
        yield from _lost_marks(evidence, standing)


def _lost_marks(evidence: Evidence, standing: Standing) -> Iterator[str]:
    """Devices that live to the end repeat their maximum, so the marker cannot stand below it in the end."""
    restored_at = evidence.restored_at() or -1.0
    devices = {screen.device for screen in evidence.all(Screen)}
    marks = [
        mark.seq
        for mark in evidence.all(Marked)
        if (mark.person, mark.channel) == (standing.person, standing.channel)
        and mark.at > restored_at
        and mark.device in devices
    ]
    if marks and standing.read_seq < min(max(marks), standing.head_seq):
        yield f"{standing.person} read {standing.channel} up to {max(marks)}; the marker is at {standing.read_seq}"
