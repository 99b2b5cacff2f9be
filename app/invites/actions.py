"""Making, showing, using and taking back invitations."""

import secrets

from sqlalchemy.orm import Session

from app.accounts import queries as people
from app.config import Signup
from app.core.clock import Clock
from app.core.db import Database
from app.core.errors import Forbidden, NotFound
from app.core.ids import UserId
from app.invites import queries, wire
from app.invites.models import InviteRow, InviteUseRow

DAY_MS = 24 * 60 * 60 * 1000
KEPT_DAYS = 400  # after they expired


class Invites:
    """Links that let people sign up. Any signed-in person may make one unless sign-up is closed; administrators always,
    for when it opens again."""

    def __init__(self, database: Database, clock: Clock, signup: Signup, server_name: str) -> None:
        self._database = database
        self._clock = clock
        self._signup = signup
        self._server_name = server_name

    def make(self, user_id: UserId, is_admin: bool, wanted: wire.NewInvite) -> wire.Invite:
        """Raises Forbidden."""
        if self._signup == "closed" and not is_admin:
            raise Forbidden("Only administrators may invite people here.")
        return self._database.run(lambda session: self._add(session, user_id, wanted))

    def show(self, code: str) -> wire.Invite:
        """What the holder of a link may know before signing up. Raises NotFound."""
        return self._database.read(lambda session: self._find(session, code))

    def take_back(self, user_id: UserId, is_admin: bool, code: str) -> None:
        """End an invitation: one's own, or as an administrator anybody's. Raises NotFound, Forbidden."""
        self._database.run(lambda session: self._revoke(session, user_id, is_admin, code))

    def prune(self) -> bool:
        """Remove some of those that expired 400 days ago, and who came by them; whether there may be more."""
        expired = self._clock.now_ms() - KEPT_DAYS * DAY_MS
        return (
            self._database.run(lambda session: queries.remove_expired(session, expired))
            == queries.MOST_REMOVED
        )

    def use(self, session: Session, code: str, user_id: UserId) -> None:
        """Use up one place, in the transaction of the sign-up that needs it. Raises Forbidden."""
        now = self._clock.now_ms()
        if not queries.take_place(session, code, now):
            raise Forbidden(
                "This invitation has expired or is used up.", fields={"invite": "Expired, used up or unknown"}
            )
        session.add(InviteUseRow(user_id=user_id, code=code, used_at=now))

    def _add(self, session: Session, user_id: UserId, wanted: wire.NewInvite) -> wire.Invite:
        now = self._clock.now_ms()
        row = InviteRow(
            code=secrets.token_urlsafe(16),
            inviter_id=user_id,
            created_at=now,
            expires_at=now + wanted.expires_in_seconds * 1000,
            uses_left=wanted.uses,
        )
        session.add(row)
        session.flush()
        return self._find(session, row.code)

    def _find(self, session: Session, code: str) -> wire.Invite:
        found = queries.find_usable(session, code, self._clock.now_ms())
        if found is None:
            raise NotFound("There is no such invitation.")
        row, usable = found
        inviter = UserId(row.inviter_id)
        return wire.Invite(
            code=row.code,
            server_name=self._server_name,
            invited_by=people.users(session, [inviter])[inviter],
            created_at=row.created_at,
            expires_at=row.expires_at,
            uses_left=row.uses_left,
            valid=usable and self._signup != "closed",
        )

    def _revoke(self, session: Session, user_id: UserId, is_admin: bool, code: str) -> None:
        row = queries.find_invite(session, code)
        if row is None:
            raise NotFound("There is no such invitation.")
        if row.inviter_id != user_id and not is_admin:
            raise Forbidden("Only who made an invitation, or an administrator, may take it back.")
        row.revoked_at = self._clock.now_ms()
