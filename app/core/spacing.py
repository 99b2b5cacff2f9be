"""Work that comes often and can be done together: at once when it is rare, gathered when it is not."""

from collections.abc import Callable
from typing import Protocol

Work = Callable[[], None]


class Soon(Protocol):
    def __call__(self, work: Work) -> None: ...


class After(Protocol):
    def __call__(self, seconds: float, function: Work) -> None: ...


class Spaced:
    """Runs what it is given in this turn of the loop, or as long after the last one as it takes to keep the distance.

    Not a queue: whoever gave it work gathers what comes until it runs.
    """

    def __init__(self, soon: Soon, after: After, monotonic: Callable[[], float], seconds: float) -> None:
        self._soon = soon
        self._after = after
        self._monotonic = monotonic
        self._seconds = seconds
        self._free_at = 0.0

    def __call__(self, work: Work) -> None:
        now = self._monotonic()
        wait = self._free_at - now
        self._free_at = max(now, self._free_at) + self._seconds
        if wait > 0:
            self._after(wait, work)
        else:
            self._soon(work)
