"""Making, showing, using and taking back invitations."""

import secrets

from sqlalchemy.orm import Session

from app.config import Signup
from app.core.clock import Clock
from app.core.db import Database
from app.core.errors import Forbidden, NotFound
from app.core.ids import UserId
from app.invites import queries, wire
from app.invites.models import InviteRow, InviteUseRow


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
        now = self._clock.now_ms()
        expires_at = now + wanted.expires_in_seconds * 1000
        code = secrets.token_urlsafe(16)
        row = InviteRow(
            code=code, inviter_id=user_id, created_at=now, expires_at=expires_at, uses_left=wanted.uses
        )
        self._database.run(lambda session: session.add(row))
        return wire.Invite(
            code=code, path=f"/invite/{code}", created_at=now, expires_at=expires_at, uses_left=wanted.uses
        )

    def show(self, code: str) -> wire.Invitation:
        """What the holder of a link may know before signing up. Raises NotFound."""
        now = self._clock.now_ms()
        found = self._database.read(lambda session: queries.find_invitation(session, code, now))
        if found is None:
            raise NotFound("There is no such invitation.")
        inviter, usable = found
        valid = usable and self._signup != "closed"
        return wire.Invitation(code=code, server_name=self._server_name, inviter=inviter, valid=valid)

    def take_back(self, user_id: UserId, is_admin: bool, code: str) -> None:
        """End an invitation: one's own, or as an administrator anybody's. Raises NotFound, Forbidden."""
        self._database.run(lambda session: self._revoke(session, user_id, is_admin, code))

    def use(self, session: Session, code: str, user_id: UserId) -> None:
        """Use up one place, in the transaction of the sign-up that needs it. Raises Forbidden."""
        now = self._clock.now_ms()
        if not queries.take_place(session, code, now):
            raise Forbidden(
                "This invitation has expired or is used up.", fields={"invite": "Expired, used up or unknown"}
            )
        session.add(InviteUseRow(user_id=user_id, code=code, used_at=now))

    def _revoke(self, session: Session, user_id: UserId, is_admin: bool, code: str) -> None:
        row = queries.find_invite(session, code)
        if row is None:
            raise NotFound("There is no such invitation.")
        if row.inviter_id != user_id and not is_admin:
            raise Forbidden("Only who made an invitation, or an administrator, may take it back.")
        row.revoked_at = self._clock.now_ms()
