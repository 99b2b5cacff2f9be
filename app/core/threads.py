"""A few native threads for work that blocks: SQL, password hashing. The event loop goes on meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from gevent.threadpool import ThreadPool

from app.core.errors import Unavailable

T = TypeVar("T")


class NativeThreads:
    """At most `threads` pieces of work at once and `waiting` more behind them; beyond that, refused.

    Must be made and used by the thread that runs the event loop (gevent's ThreadPool asks for it). The work must not
    touch anything of gevent's, nor write to the log: their locks are not made to be contended between threads.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        self._pool = ThreadPool(threads)
        self._places = threads + waiting
        self._taken = 0

    def run(self, work: Callable[[], T]) -> T:
        """What the work returns, or raises, after waiting for it. Raises Unavailable when too many wait already."""
        if self._taken >= self._places:
            raise Unavailable("Too much is waiting here; try again in a moment.", retry_after=1)
        self._taken += 1
        try:
            outcome: Any = self._pool.spawn(_settle, work).get()
        finally:
            self._taken -= 1
        if isinstance(outcome, _Raised):
            raise outcome.error
        return cast(T, outcome)

    def close(self) -> None:
        """End the threads once they are idle."""
        self._pool.kill()


@dataclass(frozen=True, slots=True)
class _Raised:
    """Errors travel as values: gevent's pool would print every one of them to stderr."""

    error: BaseException


def _settle(work: Callable[[], T]) -> T | _Raised:
    try:
        return work()
    except BaseException as error:  # noqa: BLE001  # raised again by run()
        return _Raised(error)
