"""Places for work that waits by yielding, such as PostgreSQL by way of psycopg: it runs in the greenlet that asks."""

from collections.abc import Callable
from typing import TypeVar

from gevent import Timeout
from gevent.lock import BoundedSemaphore

from app.core.errors import Unavailable

T = TypeVar("T")


class Greenlets:
    """At most `at_once` pieces of work at once and `waiting` more behind them; beyond that, refused.

    A piece may take `seconds`, waiting for its place included: what a silent server holds up is given up then, and
    whatever it had in hand must not be used again (SQLAlchemy closes such a connection).
    """

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._free = BoundedSemaphore(at_once)
        self._places = at_once + waiting
        self._seconds = seconds
        self._taken = 0

    def run(self, work: Callable[[], T]) -> T:
        """What the work returns, or raises. Raises Unavailable when too many wait already, or it takes too long."""
        if self._taken >= self._places:
            raise Unavailable("Too much is waiting here; try again in a moment.", retry_after=1)
        self._taken += 1
        try:
            return self._in_time(work)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Nothing to end: the greenlets are their owners'."""

    def _in_time(self, work: Callable[[], T]) -> T:
        """Timeout is no Exception: nothing that catches those keeps a piece of work beyond its time."""
        timeout = Timeout.start_new(self._seconds)
        try:
            with self._free:
                return work()
        except Timeout as late:
            if late is not timeout:
                raise
            raise Unavailable("This took too long; try again in a moment.", retry_after=1) from None
        finally:
            timeout.close()
