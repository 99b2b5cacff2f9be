"""The event loop, as the rest of the program sees it: soon, after a while, every so often, apart."""

import logging
from collections.abc import Callable
from typing import Any

import gevent
from gevent.hub import get_hub

from app.core.lag import RING_SECONDS, Lag

log = logging.getLogger(__name__)


class EventLoop:
    """gevent's hub of this thread. Work given to it must not wait, but for `spawn`."""

    def __init__(self) -> None:
        self.native: Any = get_hub().loop
        self._timers: set[Any] = set()
        self._lag = Lag()

    @property
    def lag_ms(self) -> float:
        """How late the loop was at worst in the last three seconds, in milliseconds; 0 unless it is measured."""
        return self._lag.ms

    def measure_lag(self) -> None:
        """Measure from now on."""
        self._lag = Lag()
        self.every(RING_SECONDS, self._lag.ring)

    def soon(self, work: Callable[[], None]) -> None:
        """In this turn or the next, after what is running. Work that asks for itself again keeps the loop from its
        sockets (a thousand callbacks run before it looks at them): that is what `next_turn` is for."""
        self.native.run_callback(_guarded, work)

    def next_turn(self, work: Callable[[], None]) -> None:
        """Once the loop has looked at its sockets again."""
        self.after(0, work)

    def after(self, seconds: float, function: Callable[[], None]) -> None:
        """Once, after some seconds."""
        timer = self.native.timer(seconds)
        self._timers.add(timer)

        def ring() -> None:
            self._timers.discard(timer)
            timer.close()
            _guarded(function)

        timer.start(ring)

    def every(self, seconds: float, work: Callable[[], None]) -> None:
        """Again and again, first after `seconds`."""
        timer = self.native.timer(seconds, repeat=seconds)
        self._timers.add(timer)
        timer.start(_guarded, work)

    def spawn(self, work: Callable[[], None]) -> None:
        """In a greenlet of its own, where it may wait."""
        gevent.spawn(_guarded, work)

    def stop(self) -> None:
        """No timer rings any more."""
        for timer in self._timers:
            timer.stop()
            timer.close()
        self._timers.clear()


def _guarded(work: Callable[[], None]) -> None:
    """Nothing that runs on the loop may end it."""
    try:
        work()
    except Exception:
        log.exception("work on the event loop failed")
