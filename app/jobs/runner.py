"""Does the jobs of this process: takes those nobody does, works in greenlets, and steps back when it was taken over.

A lease is counted on the own clock of who waits for it to end: a claim that did not change for so long is of somebody
who is dead, stopped or cut off. docs/adr/0013.
"""

import logging
from collections.abc import Callable, Sequence

import gevent
from gevent.event import Event

from app.core.clock import Clock
from app.core.errors import MaruError
from app.jobs.claims import Claim, Claims
from app.jobs.port import Job
from app.jobs.post import USUAL, Pace, Post

log = logging.getLogger(__name__)

STOP_SECONDS = 5.0  # for the pages at hand


class Runner:
    """Of all processes that have one, one does each job. For greenlets of one event loop."""

    def __init__(
        self, jobs: Sequence[Job], claims: Claims, clock: Clock, left: Callable[[], None], pace: Pace = USUAL
    ) -> None:
        """`left` is called when the jobs of this process are free: the others need not wait then (`look_soon`)."""
        self._posts = {job.name: Post(job, pace) for job in jobs}
        self._claims = claims
        self._clock = clock
        self._left = left
        self._pace = pace
        self._bell = Event()
        self._greenlets: list[gevent.Greenlet[..., None]] = []
        self._stopping = False

    def start(self) -> None:
        self._greenlets.append(gevent.spawn(self._keep))

    def wake(self, name: str) -> None:
        """There is something to do. Never waits; nothing happens where another process does the job."""
        if name in self._posts:
            self._posts[name].bell.set()

    def look_soon(self) -> None:
        """Somebody left: their jobs may be free. Never waits."""
        self._bell.set()

    def stop(self) -> None:
        """Finish the pages at hand, for seconds at most, and let others go on at once. Waits."""
        self._stopping = True
        for bell in (self._bell, *(post.bell for post in self._posts.values())):
            bell.set()
        gevent.joinall(self._greenlets, timeout=STOP_SECONDS)
        gevent.killall(self._greenlets)
        self._release([post for post in self._posts.values() if post.held])
        self._left()

    def holds(self, name: str) -> bool:
        """Whether this process does the job now."""
        return self._posts[name].held

    def hear(self, ring: bytes) -> None:
        """What other processes ring for: a job that has work (its name), or one that is free (nothing)."""
        if ring:
            self.wake(ring.decode())
        else:
            self.look_soon()

    # Whose a job is

    def _keep(self) -> None:
        while not self._stopping:
            self._bell.clear()
            self.look()
            self._bell.wait(self._pace.look)

    def look(self) -> None:
        """Renew what is ours, and take what is free. Waits."""
        try:
            self._renew()
            self._take_free()
        except MaruError as error:
            log.warning("who does which job cannot be seen: %s", error)
        except Exception:
            log.exception("who does which job cannot be seen")

    def _renew(self) -> None:
        now = self._clock.monotonic()
        for post in self._posts.values():
            if post.held and post.lapsed(now):
                self._lose(post)
        ours = {name: post for name, post in self._posts.items() if post.held and not post.hangs(now)}
        kept = self._claims.renew(ours) if ours else set()
        for name, post in ours.items():
            if name in kept:
                post.renewed_at = now
            else:
                self._lose(post)

    def _take_free(self) -> None:
        others = [post for post in self._posts.values() if not post.held and not post.busy]
        found = self._claims.all() if others else {}
        for post in others:
            claim, now = found.get(post.job.name), self._clock.monotonic()
            if not self._stopping and post.is_free(claim, self._claims.owner, now):
                self._take(post, claim, now)

    def _take(self, post: Post, claim: Claim | None, now: float) -> None:
        cursor = self._claims.take(post.job.name, claim)
        if cursor is None:
            return
        log.info("the job %s is done here now", post.job.name)
        post.hold(cursor, now)
        self._greenlets = [running for running in self._greenlets if not running.dead]
        self._greenlets.append(gevent.spawn(self._work, post))

    def _lose(self, post: Post) -> None:
        if post.held:
            post.held = False
            log.warning("the job %s is not done here any more: our lease is over", post.job.name)

    def _release(self, posts: Sequence[Post]) -> None:
        for post in posts:
            post.held = False
        try:
            self._claims.release([post.job.name for post in posts])
        except MaruError as error:
            log.warning("jobs could not be given back, and wait for their lease to end: %s", error)

    # Doing it

    def _work(self, post: Post) -> None:
        """Page after page while there are some; otherwise when rung for, and every few seconds."""
        while post.held and not self._stopping:
            post.bell.clear()
            if not self._page(post):
                post.bell.wait(self._pace.look)

    def _page(self, post: Post) -> bool:
        """Do one. Whether there was something to do, so that there may be more."""
        post.began_at = self._clock.monotonic()
        try:
            return self._advance(post)
        except MaruError as error:
            log.warning("the job %s could not go on: %s", post.job.name, error)
        except Exception:
            log.exception("the job %s failed", post.job.name)
        finally:
            post.began_at = None
        self._give_up(post)
        return False

    def _advance(self, post: Post) -> bool:
        if post.lapsed(self._clock.monotonic()):
            self._lose(post)
            return False
        cursor = post.job.work(post.cursor)
        post.succeed()
        if cursor is None:
            return False
        now = self._clock.monotonic()
        if not self._claims.save(post.job.name, cursor):
            self._lose(post)
            return False
        post.cursor, post.renewed_at = cursor, now
        return True

    def _give_up(self, post: Post) -> None:
        """For a while: another server may be able to do what this one cannot."""
        if post.held:
            post.rest(self._clock.monotonic())
            self._release([post])
