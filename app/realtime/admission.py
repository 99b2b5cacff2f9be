"""Whether this process takes another live client now: not while it goes away, and no more in a second than it can greet
without those who are there already noticing. After another server's death everybody comes at once.
"""

import random

from app.core.clock import Clock
from app.core.errors import Draining, MaruError, Unavailable
from app.core.rates import TokenBuckets

BURST_SECONDS = 2  # so many seconds' worth of handshakes may come at once
LONGEST_RETRY_SECONDS = 30.0
DRAINING_RETRY_SECONDS = (0.5, 1.5)

_ALL = "all"  # one bucket for everybody: the limit protects the server, not anybody from another


class Admission:
    """Asked before each handshake and each catching up by request. Errors say when to come back, each time differently,
    so that those who were sent away together do not come back together."""

    def __init__(
        self,
        clock: Clock,
        handshakes_per_second: float,
        chance: random.Random | None = None,
        *,
        serves: bool = True,
    ) -> None:
        """`serves`: whether this process has live clients at all."""
        self._rate = handshakes_per_second
        self._burst = BURST_SECONDS * handshakes_per_second
        self._bucket = TokenBuckets(handshakes_per_second, self._burst, clock)
        self._chance = chance or random.Random()
        self._serves = serves
        self._refused = 0  # since the bucket was full: how many are expected to come again
        self.draining = False

    def require_open(self) -> None:
        """Raises Draining while this server goes away, Unavailable where nobody can be served live."""
        if not self._serves:
            raise Unavailable("This server has no live connections; use another one.", retry_after=1)
        if self.draining:
            raise self.farewell()

    def farewell(self) -> MaruError:
        """What those are told who ask while it goes away."""
        return Draining("This server is going away.", retry_after=self._within(*DRAINING_RETRY_SECONDS))

    def require_handshake(self) -> None:
        """Take a place for a new live connection. Raises as `require_open`, and Unavailable when too many come."""
        self.require_open()
        if self._bucket.wait(_ALL, self._burst) == 0:
            self._refused = 0
        if self._bucket.take(_ALL) > 0:
            self._refused += 1
            raise self._crowded()

    def require_calm(self) -> None:
        """For those who ask why they could not come in: what a handshake would be told, without taking a place."""
        self.require_open()
        if self._bucket.wait(_ALL) > 0:
            raise self._crowded()

    def _crowded(self) -> MaruError:
        """Everybody who was sent away gets a time within which all of them can be greeted."""
        longest = min(LONGEST_RETRY_SECONDS, 2 + self._refused / self._rate)
        return Unavailable(
            "Too many are coming at once; come again in a moment.", retry_after=self._within(1, longest)
        )

    def _within(self, least: float, most: float) -> float:
        return round(self._chance.uniform(least, most), 2)
