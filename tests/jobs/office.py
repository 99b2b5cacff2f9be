"""A process that does jobs, in the test process: a real runner on a real database, without its timer."""

from collections.abc import Callable
from pathlib import Path

import gevent
from sqlalchemy import select

from app.core.db import Database
from app.jobs.claims import Claims
from app.jobs.models import JobRow
from app.jobs.port import Job
from app.jobs.post import Pace
from app.jobs.runner import Runner
from tests.accounts.house import SetClock
from tests.core.databases import open_database

DEADLINE_SECONDS = 10.0
NEVER_BY_ITSELF = Pace(look=3_600)


class Tally:
    """Work that counts up to a bound and keeps a record of every page it did: `(office, page)`."""

    def __init__(self) -> None:
        self.bound = 3
        self.done: list[tuple[str, int]] = []
        self.failing: Exception | None = None
        self.meanwhile: Callable[[str], None] = lambda _office: None

    def work_at(self, office: str) -> Callable[[str], str | None]:
        def work(cursor: str) -> str | None:
            page = int(cursor or 0) + 1
            if page > self.bound:
                return None
            self.meanwhile(office)
            if self.failing is not None:
                raise self.failing
            self.done.append((office, page))
            return str(page)

        return work

    @property
    def pages(self) -> list[int]:
        return [page for _, page in self.done]


class Office:
    """`look` and `wait` are the timer's part; `clock` is this process's own."""

    def __init__(self, name: str, url: str, folder: Path, tally: Tally) -> None:
        self.name = name
        self.clock = SetClock()
        self._opened = open_database(url, folder)
        self.database: Database = next(self._opened)
        self.claims = Claims(self.database, name)
        self.left = 0
        job = Job("tally", tally.work_at(name))
        self.runner = Runner([job], self.claims, self.clock, self._note_left, NEVER_BY_ITSELF)

    def look(self) -> None:
        """What the timer does every few seconds; then whoever has work does it."""
        self.runner.look()
        gevent.sleep(0)

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Let the jobs go on until something holds."""
        with gevent.Timeout(DEADLINE_SECONDS):
            while not condition():
                gevent.sleep(0.001)

    @property
    def works(self) -> bool:
        return self.runner.holds("tally")

    @property
    def cursor(self) -> str:
        """As whoever takes the job next will find it."""
        return str(self.database.read(lambda session: session.scalar(select(JobRow.cursor))))

    def live(self, seconds: float) -> None:
        """Let so much time go by, with signs of life every five seconds."""
        for _ in range(round(seconds / 5)):
            self.clock.advance(5)
            self.look()

    def close(self) -> None:
        self.runner.stop()
        for _ in self._opened:
            pass

    def _note_left(self) -> None:
        self.left += 1
