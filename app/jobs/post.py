"""One job, as one process sees it: whether it may be taken, whether it is still ours. No I/O, no waiting here."""

import random
from dataclasses import dataclass

from gevent.event import Event

from app.jobs.claims import Claim
from app.jobs.port import Job


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things go; all in seconds."""

    lease: float = 15.0
    """Whoever gave no sign of life for so long may be taken over."""
    look: float = 5.0
    """What is ours is renewed this often, what is others' looked at, and work looked for."""
    page: float = 60.0
    """A page that takes longer hangs: its lease is not renewed any more."""
    rest_first: float = 1.0
    rest_most: float = 60.0
    """After a failure; twice as long each time."""


USUAL = Pace()


class Post:
    """A job and its place here."""

    def __init__(self, job: Job, pace: Pace) -> None:
        self.job = job
        self.bell = Event()
        self.held = False
        self.cursor = ""
        self.renewed_at = 0.0
        self.began_at: float | None = None  # the page at hand
        self._pace = pace
        self._failures = 0
        self._rests_until = float("-inf")
        self._seen: Claim | None = None
        self._seen_at = 0.0

    def is_free(self, claim: Claim | None, me: str, now: float) -> bool:
        """Whether the job may be taken: nobody has it, we had it ourselves, or whoever has it gave no sign of life for
        the time of a lease, on our own clock."""
        if claim != self._seen:
            self._seen, self._seen_at = claim, now
        if now < self._rests_until:
            return False
        return claim is None or claim.owner in (None, me) or now - self._seen_at >= self._pace.lease

    @property
    def busy(self) -> bool:
        """Whether a page is at hand, be it of a time before we were taken over: it must end before we begin again."""
        return self.began_at is not None

    def hangs(self, now: float) -> bool:
        return self.began_at is not None and now - self.began_at > self._pace.page

    def lapsed(self, now: float) -> bool:
        """Whether somebody else may have taken it: we could not renew, or were stopped for a while."""
        return now - self.renewed_at >= self._pace.lease

    def hold(self, cursor: str, now: float) -> None:
        self.held, self.cursor, self.renewed_at = True, cursor, now

    def succeed(self) -> None:
        self._failures = 0

    def rest(self, now: float) -> None:
        """After a failure; never all servers at once."""
        longest = min(self._pace.rest_most, self._pace.rest_first * 2.0**self._failures)
        self._rests_until = now + longest * random.uniform(0.5, 1.0)
        self._failures = min(self._failures + 1, 30)
