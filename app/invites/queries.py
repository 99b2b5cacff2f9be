"""Reading and counting down invitations, inside a transaction that is given."""

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.models import UserRow
from app.invites.models import InviteRow

MOST_REMOVED = 500  # in one transaction


def find_invite(session: Session, code: str) -> InviteRow | None:
    """An invitation that was not taken back; it may have expired or be used up."""
    return session.scalar(select(InviteRow).where(InviteRow.code == code, InviteRow.revoked_at.is_(None)))


def find_usable(session: Session, code: str, now: int) -> tuple[InviteRow, bool] | None:
    """An invitation that was not taken back, and whether it still works."""
    found = session.execute(
        select(InviteRow, _usable(now))
        .join(UserRow, UserRow.id == InviteRow.inviter_id)
        .where(InviteRow.code == code, InviteRow.revoked_at.is_(None))
    ).one_or_none()
    return None if found is None else (found[0], bool(found[1]))


def take_place(session: Session, code: str, now: int) -> bool:
    """Count one use, if there is one left: one statement, so that two cannot take the last."""
    taken = session.execute(
        update(InviteRow)
        .where(InviteRow.code == code, InviteRow.inviter_id == UserRow.id, _usable(now))
        .values(uses_left=InviteRow.uses_left - 1)
        .returning(InviteRow.code)
    )
    return taken.first() is not None


def remove_expired(session: Session, before: int) -> int:
    """Remove at most `MOST_REMOVED` invitations that expired before that; how many there were."""
    old = (
        select(InviteRow.code)
        .where(InviteRow.expires_at < before)
        .order_by(InviteRow.expires_at)
        .limit(MOST_REMOVED)
    )
    removed = delete(InviteRow).where(InviteRow.code.in_(old)).returning(InviteRow.code)
    return len(session.scalars(removed).all())


def _usable(now: int) -> ColumnElement[bool]:
    """Neither taken back, expired nor used up, and from somebody who is not suspended."""
    return and_(
        InviteRow.revoked_at.is_(None),
        InviteRow.expires_at > now,
        or_(InviteRow.uses_left.is_(None), InviteRow.uses_left > 0),
        UserRow.suspended_at.is_(None),
    )
