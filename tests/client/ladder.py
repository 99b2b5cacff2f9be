"""Which transport to use next, and when: WebSocket, long poll, poll. Decisions only, no I/O."""

import random
from dataclasses import dataclass
from typing import Literal

from tests.client.wire import Closed, Problem, Rung, Unreachable

YOUNG_SECONDS = 5.0  # a WebSocket that dies before this, without a word, "died young"
BACKOFF_SECONDS = 0.5
CUTS_BEFORE_POLLING = 2

SIGN_IN = frozenset({4001, 4003})  # not again without signing in
WAIT_FOR_FOCUS = frozenset({1000, 4009})  # not before the tab has the lock or the focus


@dataclass(frozen=True)
class Pace:
    """How patient a client is; the protocol's figures, unless a test is in a hurry."""

    poll_seconds: float = 5.0
    hold_seconds: int = 55  # how long a long poll asks to be held
    probe_seconds: float = 60.0  # how often a lower rung tries whether a WebSocket opens by now
    beat_seconds: float = 10.0
    acknowledge_seconds: float = 1.0
    backoff_limit_seconds: float = 30.0


Verdict = Literal["again", "ask", "sign_in", "rest"]
"""Try again after a delay; ask `/sync?wait=0` first; stop until signed in; stop until wanted."""


class Ladder:
    """Remembers how the rungs behaved. `why` is a sentence for the person."""

    def __init__(self, chance: random.Random, backoff_limit: float) -> None:
        self.rung: Rung = "websocket"
        self.why = "WebSocket is tried first"
        self._pinned = False
        self._chance = chance
        self._backoff_limit = backoff_limit
        self._failures = 0
        self._young_deaths = 0
        self._cuts = 0

    def pin(self, rung: Rung | None) -> None:
        """Stay on a rung, whatever happens; None gives the choice back."""
        self._pinned = rung is not None
        self.rung = rung or "websocket"
        self.why = "chosen by hand" if rung else "WebSocket is tried first"
        self._failures = self._young_deaths = self._cuts = 0

    @property
    def probes(self) -> bool:
        """Whether a WebSocket should be probed for meanwhile."""
        return self.rung != "websocket" and not self._pinned

    def worked(self) -> None:
        """The rung brought something: the next failure is the first one again."""
        self._failures = 0
        if self.rung == "websocket":
            self.why = "live"

    def held(self) -> None:
        """A held request came back whole."""
        self._cuts = 0

    def socket_lost(self, loss: Unreachable) -> Verdict:
        """A WebSocket ended, or did not open (any other Unreachable)."""
        if not isinstance(loss, Closed):
            return "again" if self._pinned else "ask"
        if loss.code in SIGN_IN:
            return "sign_in"
        if loss.code in WAIT_FOR_FOCUS:
            return "rest"
        if loss.code != 1006 or loss.lived >= YOUNG_SECONDS:
            self._young_deaths = 0
            return "again"
        self._young_deaths += 1
        return "ask" if self._young_deaths >= 2 and not self._pinned else "again"

    def request_lost(self, loss: Problem | Unreachable) -> Verdict:
        """A `/sync` of the rungs below failed."""
        if isinstance(loss, Problem):
            if loss.code == "unauthenticated":
                return "sign_in"
            if loss.code == "superseded":
                return "rest"
            if loss.status not in (502, 504):
                return "again"
        return "ask" if self.rung == "longpoll" and not self._pinned else "again"

    def asked(self, loss: Problem | Unreachable | None) -> Verdict:
        """`/sync?wait=0` was asked: None means it answered, so the network is fine and the rung is not."""
        if isinstance(loss, Problem) and loss.code == "unauthenticated":
            return "sign_in"
        if loss is not None:
            return "again"
        if self.rung == "websocket":
            self.rung, self.why = "longpoll", "a WebSocket does not open or stay open here"
            self._failures = self._young_deaths = 0
        else:
            self._cuts += 1
            if self._cuts >= CUTS_BEFORE_POLLING:
                self.rung, self.why = "poll", "something on the way cuts held requests"
                self._failures = 0
        return "again"

    def probed(self) -> None:
        """A WebSocket opened while on a lower rung."""
        self.rung, self.why = "websocket", "a WebSocket opens again"
        self._failures = self._young_deaths = self._cuts = 0

    def delay(self, after_ms: int | None = None, retry_after: float | None = None) -> float:
        """Seconds until the next attempt: full jitter over a doubling span, after what the server asked for."""
        span = min(self._backoff_limit, BACKOFF_SECONDS * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        return (after_ms or 0) / 1000 + (retry_after or 0) + self._chance.uniform(0, span)
