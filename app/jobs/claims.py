"""Who does which job, in the relational database, so that it holds without Redis. Each change is one statement that
says whose it must be: who was taken over cannot write any more."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.db import Database
from app.jobs.models import JobRow


class Claim(msgspec.Struct, frozen=True):
    """What stands in the table of a job. As long as it changes, its owner is alive."""

    owner: str | None
    beat: int


class Claims:
    """The table of jobs, as one process uses it. All calls wait, and raise Unavailable."""

    def __init__(self, database: Database, owner: str) -> None:
        """`owner`: a name that no other process has or had."""
        self._database = database
        self.owner = owner

    def all(self) -> dict[str, Claim]:
        """All jobs that were ever taken."""
        return self._database.read(_all)

    def take(self, name: str, seen: Claim | None) -> str | None:
        """The job's cursor, if the claim is still as it was seen and the job therefore ours now."""
        try:
            return self._database.run(lambda session: _take(session, name, seen, self.owner))
        except IntegrityError:  # somebody else was the first ever
            return None

    def renew(self, names: Iterable[str]) -> set[str]:
        """Show that we are alive. Those of the jobs that are still ours."""
        beat = (
            update(JobRow)
            .where(JobRow.name.in_(list(names)), JobRow.owner == self.owner)
            .values(beat=JobRow.beat + 1)
            .returning(JobRow.name)
        )
        return self._database.run(lambda session: set(session.scalars(beat)))

    def save(self, name: str, cursor: str) -> bool:
        """Keep the cursor, and show that we are alive; False when the job is not ours any more."""
        moved = (
            update(JobRow)
            .where(JobRow.name == name, JobRow.owner == self.owner)
            .values(cursor=cursor, beat=JobRow.beat + 1)
            .returning(JobRow.name)
        )
        return self._database.run(lambda session: session.scalar(moved)) is not None

    def release(self, names: Iterable[str]) -> None:
        """Let others take the jobs at once."""
        left = (
            update(JobRow)
            .where(JobRow.name.in_(list(names)), JobRow.owner == self.owner)
            .values(owner=None, beat=JobRow.beat + 1)
        )
        self._database.run(lambda session: session.execute(left).close())


def _all(session: Session) -> dict[str, Claim]:
    rows = session.execute(select(JobRow.name, JobRow.owner, JobRow.beat))
    return {name: Claim(owner, beat) for name, owner, beat in rows}


def _take(session: Session, name: str, seen: Claim | None, owner: str) -> str | None:
    if seen is None:
        session.add(JobRow(name=name, owner=owner, beat=1, cursor=""))
        session.flush()
        return ""
    taken = (
        update(JobRow)
        .where(JobRow.name == name, JobRow.owner.is_not_distinct_from(seen.owner), JobRow.beat == seen.beat)
        .values(owner=owner, beat=JobRow.beat + 1)
        .returning(JobRow.cursor)
    )
    return session.scalar(taken)
