"""How late the event loop is: whatever it does for long, everybody else waits for."""

import time
from collections import deque
from collections.abc import Callable

RING_SECONDS = 0.05  # of one timer; what takes longer than that shows
WINDOW_SECONDS = 3


class Lag:
    """The worst lateness of a timer in the last seconds. Told of each of its rings."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._rang = monotonic()
        self._worst: deque[tuple[int, float]] = deque()  # of each second, the latest last

    def ring(self) -> None:
        """The timer rang, `RING_SECONDS` after the last time if nothing held it up."""
        now = self._monotonic()
        self._note(int(now), max(0.0, now - self._rang - RING_SECONDS))
        self._rang = now

    def _note(self, second: int, late: float) -> None:
        if self._worst and self._worst[-1][0] == second:
            late = max(late, self._worst.pop()[1])
        self._worst.append((second, late))
        self._forget(second)

    def _forget(self, second: int) -> None:
        while self._worst and self._worst[0][0] <= second - WINDOW_SECONDS:
            self._worst.popleft()

    @property
    def ms(self) -> float:
        """The worst of the last seconds, in milliseconds."""
        self._forget(int(self._monotonic()))
        return 1000 * max((late for _, late in self._worst), default=0.0)
