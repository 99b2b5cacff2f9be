"""Token buckets: so much at once, so much a second after that; for as many keys as fit."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol

from app.core.clock import Clock
from app.core.errors import RateLimited


class Rate(Protocol):
    """How often something may be done; `TokenBuckets` fits."""

    def take(self, key: Hashable) -> float:
        """Seconds to wait before it is allowed; 0: go on, one was taken."""


def require_rate(rate: Rate | None, key: Hashable) -> None:
    """Take one. Raises RateLimited, with the seconds to wait. None: no limit."""
    if rate is None:
        return
    wait = rate.take(key)
    if wait > 0:
        raise RateLimited("You are doing this faster than is allowed here.", retry_after=wait)


class TokenBuckets:
    """One bucket a key, each holding `burst` tokens and regaining `rate_per_second`.

    Holds at most `max_keys`: the one unused for longest is forgotten, and its key starts full again. Not for several
    processes. Not thread-safe: for the event loop only.
    """

    def __init__(self, rate_per_second: float, burst: float, clock: Clock, max_keys: int = 10_000) -> None:
        self._rate = rate_per_second
        self._burst = float(burst)
        self._clock = clock
        self._max_keys = max_keys
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, tokens: float = 1) -> float:
        """Take tokens and return 0, or take nothing and return the seconds until they will be there."""
        now = self._clock.monotonic()
        level = self._level(key, now)
        if level < tokens:
            return (tokens - level) / self._rate
        self._put(key, level - tokens, now)
        return 0.0

    def wait(self, key: Hashable, tokens: float = 1) -> float:
        """The seconds `take` would answer with, without taking."""
        return max(0.0, (tokens - self._level(key, self._clock.monotonic())) / self._rate)

    def give_back(self, key: Hashable, tokens: float = 1) -> None:
        """Undo a `take`: what it was for did not happen, or was no offence."""
        now = self._clock.monotonic()
        self._put(key, min(self._burst, self._level(key, now) + tokens), now)

    def __len__(self) -> int:
        return len(self._buckets)

    def _level(self, key: Hashable, now: float) -> float:
        level, since = self._buckets.get(key, (self._burst, now))
        return min(self._burst, level + (now - since) * self._rate)

    def _put(self, key: Hashable, level: float, now: float) -> None:
        self._buckets[key] = (level, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
