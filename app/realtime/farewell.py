"""The goodbye of a server that goes away: its live clients are sent elsewhere, no faster than the others take them.

A connection is first read no more, then everything it said is answered, and only then it is closed: nobody has to
wonder what became of a message. Held requests are answered at once. docs/adr/0010.
"""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from gevent.event import Event

from app.accounts.wire import ServerEntry
from app.core.clock import Clock
from app.realtime.wire import Close

DRAIN_SECONDS = 15.0  # everybody was told by then, whatever the others can take
STEP_SECONDS = 0.05
MOST_A_STEP = 500  # so that the event loop goes on meanwhile
SOON_MS = 250  # over which those come who have somewhere to go
LATER_MS = 2_000  # and at least those who have to wait until this server is back
LAST_FRAMES_SECONDS = 2.0  # for clients to take the last frames


class Live(Protocol):
    """A live connection. `asked_at`: the origin by which its client came."""

    asked_at: str

    def pause(self) -> None: ...

    def close(self, code: Close, after_ms: int = 0, servers: list[ServerEntry] | None = None) -> None: ...


class Held(Protocol):
    """A request that waits."""

    def close(self, code: Close) -> None: ...


class Elsewhere(Protocol):
    """The other servers."""

    def others(self) -> int:
        """How many take clients now."""

    def ranked(self, asked_at: str) -> list[ServerEntry]: ...


class Farewell:
    """Says goodbye to everybody. In a greenlet: it waits."""

    def __init__(
        self, *, live: Callable[[], Iterable[Live]], held: Callable[[], Iterable[Held]], elsewhere: Elsewhere,
        settle: Callable[[], None], handshakes_per_second: float, clock: Clock,
    ) -> None:  # fmt: skip
        """`settle` waits until everything submitted so far was answered. `handshakes_per_second`: what a server
        takes."""
        self._live = live
        self._held = held
        self._elsewhere = elsewhere
        self._settle = settle
        self._handshakes = handshakes_per_second
        self._clock = clock
        self._hurried = Event()
        self._called_off = False

    def say(self) -> None:
        """Tell everybody who is there. Ends early when it is called off."""
        self._called_off = False
        for request in list(self._held()):
            request.close(Close.DRAIN)
        leaving = list(self._live())
        random.shuffle(leaving)
        began, told = self._clock.monotonic(), 0
        while told < len(leaving) and not self._called_off:
            due = self._due(len(leaving), self._clock.monotonic() - began)
            batch = leaving[told : min(due, told + MOST_A_STEP)]
            self._part(batch, self._spread_ms(len(leaving)))
            told += len(batch)
            if told < len(leaving):
                self._hurried.wait(STEP_SECONDS)

    def call_off(self) -> None:
        """Whoever has not been told stays."""
        self._called_off = True

    def hurry(self) -> None:
        """Waste no more time: tell all the others at once, and wait for nobody."""
        self._hurried.set()

    def wait_for_last_frames(self, open_sockets: Callable[[], int]) -> None:
        """Until everybody has taken them, for LAST_FRAMES_SECONDS at most."""
        deadline = self._clock.monotonic() + LAST_FRAMES_SECONDS
        while open_sockets() and self._clock.monotonic() < deadline and not self._hurried.is_set():
            self._hurried.wait(0.01)

    def _due(self, everybody: int, seconds: float) -> int:
        """How many shall have been told after so many seconds."""
        others = self._elsewhere.others()
        if not others or self._hurried.is_set():
            return everybody
        a_second = max(self._handshakes * others, everybody / DRAIN_SECONDS)
        return min(everybody, math.ceil(a_second * (seconds + STEP_SECONDS)))

    def _spread_ms(self, everybody: int) -> int:
        """Over which they come again: at once where they are expected, else as fast as one server takes them."""
        return (
            SOON_MS if self._elsewhere.others() else max(LATER_MS, round(1000 * everybody / self._handshakes))
        )

    def _part(self, batch: Sequence[Live], spread_ms: int) -> None:
        for one in batch:
            one.pause()
        self._settle()
        for one in batch:
            servers = self._elsewhere.ranked(one.asked_at) or None
            one.close(Close.DRAIN, after_ms=random.randrange(spread_ms), servers=servers)
