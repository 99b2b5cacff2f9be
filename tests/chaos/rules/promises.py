"""What a device can see by itself (frames as documented, one content a seq, whole frames) was kept."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Failed, Lost

CLIENT_HAD_TO_CLOSE = ("sent 1002", "sent 1007", "sent 1009")


def kept(evidence: Evidence) -> Iterator[str]:
    for failed in evidence.all(Failed):
        yield f"{failed.device} saw a promise broken at {failed.at:.2f} s: {failed.why}"
    for lost in evidence.all(Lost):
        if any(sign in lost.reason for sign in CLIENT_HAD_TO_CLOSE):
            yield f"{lost.device} was sent what is no frame at {lost.at:.2f} s: {lost.reason}"
