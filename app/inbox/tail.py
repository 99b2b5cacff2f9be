"""The tail: this process reading the commit index as it grows, each commit once and in order.

Hints and local commits only say that there is something, and carry it to save a read; where they leave a gap, the
store is asked. Runs on the event loop; nothing here waits.
"""

import logging
from collections.abc import Callable, Sequence

from app.store.port import Committed, MessageStore

log = logging.getLogger(__name__)

LOOK_EVENTS = 500  # rows of one read of the store

Deliver = Callable[[Sequence[Committed]], None]


class Tail:
    """Position in the commit index; `deliver` gets every commit beyond the start, dense and ascending."""

    def __init__(self, store: MessageStore, later: Callable[[Callable[[], None]], None]) -> None:
        """`later` runs a call once the event loop has looked at its sockets again."""
        self._store = store
        self._later = later
        self._listeners: list[Deliver] = []
        self.position = store.head_g()

    def listen(self, deliver: Deliver) -> None:
        self._listeners.append(deliver)

    def offer(self, commits: Sequence[Committed]) -> None:
        """Take commits that somebody brought, ascending: the next ones are taken, known ones skipped, a gap is read."""
        first, last = commits[0].g, commits[-1].g
        if last <= self.position:
            return
        if first != self.position + 1 or last - first + 1 != len(commits):
            self.look()
            return
        self._take(commits)

    def look(self) -> None:
        """Read the store beyond the position; a page a turn, so that a long absence does not hold the loop."""
        commits = self._store.commits(self.position, LOOK_EVENTS)
        if not commits:
            return
        self._take(commits)
        if len(commits) == LOOK_EVENTS:
            self._later(self.look)

    def _take(self, commits: Sequence[Committed]) -> None:
        self.position = commits[-1].g
        for deliver in self._listeners:
            try:
                deliver(commits)
            except Exception:
                log.exception("commits %d to %d were not delivered here", commits[0].g, commits[-1].g)
