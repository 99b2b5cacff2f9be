"""A job that has a day's portion of work, done once a day by one of the servers."""

from collections.abc import Callable, Sequence

from app.core.clock import Clock

DAY_MS = 24 * 60 * 60 * 1000

Portion = Callable[[], bool]
"""Do a bounded page; whether there was as much as fits, so that there may be more. Harmless to repeat."""


class Daily:
    """The cursor is the day that is done, in days since 1970."""

    def __init__(self, clock: Clock, portions: Sequence[Portion]) -> None:
        self._clock = clock
        self._portions = portions

    def work(self, cursor: str) -> str | None:
        today = str(self._clock.now_ms() // DAY_MS)
        if cursor == today:
            return None
        more = [portion() for portion in self._portions]
        return cursor if any(more) else today
