"""Whose records are due to be read again: a few each second, round and round, and everybody soon after a loss."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator

from app.core.clock import Clock
from app.core.ids import UserId
from app.presence.sights import UNSURE_SECONDS

SOON_SECONDS = 10  # over which everybody is read after a loss
SLOW_SECONDS = 300  # in which everybody is read anyway


class Rounds:
    """One round after the other through the people watched."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[UserId] = deque()
        self._hurry_from = float("inf")
        self._share = 0.0  # of a person, left over from the seconds before

    def begin_anew(self, people: Iterable[UserId]) -> None:
        """Something may have been missed of them all: a round in a hurry, once all servers had the time to write."""
        self._waiting = deque(people)
        self._hurry_from = self._clock.monotonic() + UNSURE_SECONDS

    def add(self, people: Iterable[UserId]) -> None:
        """These too, in the present round."""
        self._waiting.extend(people)

    def due(self, people: Collection[UserId]) -> Iterator[UserId]:
        """Who is to be read in this second. `people`: all who are watched now; others are passed over."""
        if not self._waiting:
            self.add(people)
            self._hurry_from = float("inf")
        in_hurry = self._clock.monotonic() >= self._hurry_from
        self._share += len(people) / (SOON_SECONDS if in_hurry else SLOW_SECONDS)
        some, self._share = int(self._share), self._share % 1
        for _ in range(min(len(self._waiting), some)):
            if (user_id := self._waiting.popleft()) in people:
                yield user_id
