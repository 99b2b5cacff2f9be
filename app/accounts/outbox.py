"""From the relational database into the message store: what a person changed of their profile becomes an event.

The change and its outbox row are one transaction; a job commits the event under the id that stands in the row, then
removes the row. A crash in between tells it again, which the store recognises: one event, never none.
"""

import logging

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import OutboxRow
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.ids import UserId, new_event_id, personal_channel
from app.store.committing import Committer
from app.store.drafts import TellProfile
from app.store.events import ProfileChanged
from app.store.outcomes import outcome_error

log = logging.getLogger(__name__)

PAGE = 100  # rows


class Waiting(msgspec.Struct, frozen=True):
    """A row of the outbox."""

    id: int
    draft: TellProfile


class Outbox:
    """The job. There is no position to keep: what is done is gone, and rows may become visible in another order than
    they were numbered. The cursor only names the last row, for people who look."""

    def __init__(self, database: Database, committer: Committer) -> None:
        self._database = database
        self._committer = committer

    def work(self, _cursor: str) -> str | None:
        """Raises Unavailable when the store or the database is away."""
        waiting = self._database.read(_page)
        if not waiting:
            return None
        for row in waiting:
            self._tell(row)
        told = delete(OutboxRow).where(OutboxRow.id.in_([row.id for row in waiting]))
        self._database.run(lambda session: session.execute(told).close())
        return str(waiting[-1].id)

    def _tell(self, row: Waiting) -> None:
        """What the store refuses for its content it would refuse for ever: that is said, and let go."""
        error = outcome_error(self._committer.commit(row.draft))
        if isinstance(error, Unavailable):
            raise error
        if error is not None:
            log.error("row %d of the outbox was refused: %s", row.id, error)


def put(session: Session, user_id: UserId, changed: ProfileChanged, now_ms: int) -> None:
    """Have the person's devices told, in the transaction of the change."""
    profile = msgspec.json.encode(changed).decode()
    session.add(OutboxRow(user_id=user_id, client_message_id=new_event_id(now_ms), profile=profile))


def _page(session: Session) -> list[Waiting]:
    rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id).limit(PAGE))
    return [Waiting(row.id, _draft(row)) for row in rows]


def _draft(row: OutboxRow) -> TellProfile:
    user_id = UserId(row.user_id)
    return TellProfile(
        author_id=user_id,
        channel_id=personal_channel(user_id),
        client_message_id=row.client_message_id,
        profile=msgspec.json.decode(row.profile, type=ProfileChanged),
    )
