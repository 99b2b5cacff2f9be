"""Once faults are healed, everybody gets everything through and catches up."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Unsettled


def in_the_end(evidence: Evidence) -> Iterator[str]:
    for unsettled in evidence.all(Unsettled):
        waiting = f"{len(unsettled.waiting)} things unsent" if unsettled.waiting else "something to learn"
        yield f"{unsettled.device} still had {waiting} when the quiet was over: {unsettled.state}"
