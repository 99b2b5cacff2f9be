"""Signing up and in, and changing one's profile."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import outbox, queries, wire
from app.accounts.directory import Directory
from app.accounts.models import UserRow
from app.accounts.names import require_display_name, require_username, search_key, username_key
from app.accounts.passwords import Passwords
from app.accounts.queries import Credentials
from app.accounts.sessions import Origin, Sessions, SignedIn
from app.accounts.throttle import Throttle
from app.config import Signup
from app.core.clock import Clock
from app.core.db import Database
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from app.core.ids import UserId, new_id
from app.store.events import ProfileChanged

UseInvite = Callable[[Session, str, UserId], None]
"""Use up one place of an invitation, in the transaction of a sign-up. Raises Forbidden."""

MAX_KEY = 128  # no username is longer when folded; what is typed into a form may be
_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Entrance:
    """Somebody came in: who, and by which new session."""

    user: wire.User
    signed_in: SignedIn


class Accounts:
    """Who has an account. The first one to sign up is the owner; after that `signup` decides."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        passwords: Passwords,
        directory: Directory,
        throttle: Throttle,
        clock: Clock,
        signup: Signup,
        use_invite: UseInvite,
        announce_user: Callable[[wire.User], None],
        ring_outbox: Callable[[], None],
    ) -> None:
        """`announce_user` tells who is here now; what is in the outbox, everybody learns (`ring_outbox`: soon)."""
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._directory = directory
        self._throttle = throttle
        self._clock = clock
        self._signup = signup
        self._use_invite = use_invite
        self._announce_user = announce_user
        self._ring_outbox = ring_outbox
        self._has_people = False  # as far as is known; once true it stays so

    def sign_up(self, form: wire.SignUp, origin: Origin) -> Entrance:
        """Make an account and sign in.

        Raises Invalid, Forbidden (closed, or no good invitation), Conflict (username taken), RateLimited, Unavailable.
        """
        username, display_name = require_username(form.username), require_display_name(form.display_name)
        self._passwords.require_good(form.password, username, display_name)
        self._throttle.admit_sign_up(origin.place)
        self._database.read(lambda session: self._require_welcome(session, username, form.invite))
        password_hash = self._passwords.hash(form.password)
        return self._write(
            lambda session: self._add(
                session, self._new_row(username, display_name, password_hash), form.invite, origin
            )
        )

    def sign_in(
        self, form: wire.LogIn, origin: Origin, device_of: Callable[[UserId], str | None]
    ) -> Entrance:
        """Check a password and open a session. `device_of`: the browser's id, if it signed in to that account before.

        The same answer and the same work for a wrong password and for nobody: Unauthenticated. Raises RateLimited,
        Forbidden (suspended; only told to who knows the password), Unavailable.
        """
        key = username_key(form.username)[:MAX_KEY]
        credentials = self._database.read(
            lambda session: queries.find_credentials(session, key, origin.place)
        )
        self._require_password(form.password, key, credentials, origin, device_of)
        assert credentials is not None  # nobody's password is never right
        if credentials.suspended:
            raise Forbidden("This account is suspended.")
        newer_hash = self._newer_hash(credentials, form.password)
        return self._write(lambda session: self._enter(session, credentials.user, newer_hash, origin))

    def are_ownerless(self) -> bool:
        """Whether nobody has an account yet, so that the next sign-up makes the owner's. Raises Unavailable."""
        self._has_people = self._has_people or self._database.read(queries.has_people)
        return not self._has_people

    def own(self, user_id: UserId) -> wire.User:
        """A person as they see themselves. Raises NotFound."""
        user = self._database.read(lambda session: queries.find_own_user(session, user_id))
        if user is None:
            raise NotFound("This account is gone.")
        return user

    def change_profile(self, user_id: UserId, change: wire.ProfileChange) -> wire.User:
        """Set what the change names, and tell those who show the person. Raises Invalid."""
        wanted = _require_profile(change)
        user, changed = self._database.run(lambda session: self._change(session, user_id, wanted))
        if changed:
            self._ring_outbox()
            self._directory.forget(user_id)
            self._announce_user(self._directory.user(user_id))
        return user

    def visibilities(self, user_ids: Iterable[UserId]) -> Mapping[UserId, wire.Visibility]:
        """Who may see whether they are here, of those of the people who exist."""
        return self._database.read(lambda session: queries.visibilities(session, user_ids))

    def _write(self, work: Callable[[Session], Entrance]) -> Entrance:
        """What broke a constraint is decided anew: an id was drawn twice (ids.py), or a name taken at that moment."""
        try:
            return self._database.run(work)
        except IntegrityError:
            return self._database.run(work)

    def _require_welcome(self, session: Session, username: str, invite: str | None) -> bool:
        """Whether a sign-up may go on; True when it is the first. Raises Forbidden, Conflict."""
        if not queries.has_people(session):
            return True
        if self._signup == "closed":
            raise Forbidden("Nobody can sign up here at the moment.")
        if self._signup == "invite" and invite is None:
            raise Forbidden(
                "To sign up here you need an invitation.", fields={"invite": "An invitation is needed"}
            )
        if queries.has_username(session, username_key(username)):
            raise _taken()
        return False

    def _new_row(self, username: str, display_name: str, password_hash: str) -> UserRow:
        now = self._clock.now_ms()
        return UserRow(
            id=new_id(now), username=username, username_key=username_key(username), display_name=display_name,
            search_key=search_key(username, display_name), password_hash=password_hash, is_owner=False, is_admin=False,
            created_at=now,
        )  # fmt: skip

    def _add(self, session: Session, row: UserRow, invite: str | None, origin: Origin) -> Entrance:
        """Decided once more here, where nobody else writes: of two first sign-ups one becomes owner."""
        first = self._require_welcome(session, row.username, invite)
        row.is_owner = row.is_admin = first
        session.add(row)
        session.flush()
        if invite is not None and not first:
            self._use_invite(session, invite, UserId(row.id))
        user = queries.own_user(row)
        return Entrance(user, self._sessions.begin(session, user, origin))

    def _change(
        self, session: Session, user_id: UserId, wanted: dict[str, Any]
    ) -> tuple[wire.User, dict[str, Any]]:
        """The person afterwards, and what is different. Two changes of one person take turns: the search key is made of
        what the other left, and the outbox has them in this order."""
        row = session.get_one(UserRow, user_id, with_for_update=True)
        changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        row.search_key = search_key(row.username, row.display_name)
        if changed:
            outbox.put(session, user_id, ProfileChanged(**changed), self._clock.now_ms())
        return queries.own_user(row), changed

    def _require_password(
        self,
        password: str,
        key: str,
        credentials: Credentials | None,
        origin: Origin,
        device_of: Callable[[UserId], str | None],
    ) -> None:
        device = None if credentials is None else device_of(UserId(credentials.user.id))
        seen_place = credentials is not None and credentials.seen_place
        attempt = self._throttle.admit_sign_in(key, origin.place, device, seen_place)
        right = True
        try:
            right = self._passwords.verify(
                None if credentials is None else credentials.password_hash, password
            )
        finally:
            if right:
                attempt.forgive()
        if not right:
            raise Unauthenticated("The username or the password is wrong.")

    def _newer_hash(self, credentials: Credentials, password: str) -> str | None:
        if not self._passwords.is_outdated(credentials.password_hash):
            return None
        return self._passwords.hash(password)

    def _enter(self, session: Session, user: wire.User, newer_hash: str | None, origin: Origin) -> Entrance:
        if newer_hash is not None:
            session.execute(update(UserRow).where(UserRow.id == user.id).values(password_hash=newer_hash))
        return Entrance(user, self._sessions.begin(session, user, origin))


def _require_profile(change: wire.ProfileChange) -> dict[str, Any]:
    """The columns it wants to set. Raises Invalid."""
    values = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    if "display_name" in values:
        values["display_name"] = require_display_name(values["display_name"])
    if "locale" in values:
        _require_locale(values["locale"])
    if "avatar_id" in values:
        _require_no_avatar(values["avatar_id"])
    return values


def _require_locale(locale: str | None) -> None:
    if locale is not None and not _LOCALE.fullmatch(locale):
        raise Invalid(
            "The locale must be a language tag.", fields={"locale": "A language tag, such as ko or en-GB"}
        )


def _require_no_avatar(avatar_id: str | None) -> None:
    """An avatar is an attachment, and nobody can have uploaded one: there is no attachment to name."""
    if avatar_id is not None:
        raise Invalid("There is no such attachment.", fields={"avatar_id": "No such attachment"})


def _taken() -> Conflict:
    return Conflict("This username is taken.", fields={"username": "Taken"})
