"""After the store was put back to an older state, every device begins anew: a cursor of the lost history is not
trusted."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Brought, Screen


def begins_anew(evidence: Evidence) -> Iterator[str]:
    restored_at = evidence.restored_at()
    if restored_at is None:
        return
    had = {brought.device for brought in evidence.all(Brought) if brought.at <= restored_at}
    anew = {
        brought.device
        for brought in evidence.all(Brought)
        if brought.at > restored_at and (brought.resync or brought.start)
    }
    for device in sorted({screen.device for screen in evidence.all(Screen)} & had - anew):
        yield f"{device} knew the history before the restore at {restored_at:.2f} s and was never told to begin anew"
