"""Sessions: a secret token stands for a sign-in, on one browser or program, until it is ended."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import queries, wire
from app.accounts.devices import address_group
from app.accounts.models import SessionRow
from app.core.asked_together import AskedTogether
from app.core.clock import Clock
from app.core.db import Database
from app.core.errors import NotFound
from app.core.ids import SessionId, UserId, new_id

DAY_MS = 24 * 60 * 60 * 1000
UNUSED_DAYS = 400  # browsers keep no cookie longer (RFC 6265bis 5.5); a session unused for that long is over
CACHE_SECONDS = 5  # a session ended by another process without a hint is refused after that
CACHE_SIZE = 20_000
SEEN_EVERY_MS = 5 * 60 * 1000  # `last_seen_at` is written no more often


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is calling, and by which session; flask-login's user object (UserMixin's contract)."""

    user_id: UserId
    session_id: SessionId
    is_admin: bool
    token: str = field(repr=False)
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What flask-login keeps in the cookie."""
        return self.token


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in comes from, as the list of sessions shows it."""

    device: str
    address: str

    @property
    def place(self) -> str:
        """What counts as one address for throttling."""
        return address_group(self.address)


class Sessions:
    """Opens, recognises, lists and ends sessions. Recognising one costs no SQL for five seconds at a time.

    `announce_ended` tells the other processes and live connections; they call `forget`.
    """

    def __init__(self, database: Database, clock: Clock, announce_ended: Callable[[SessionId], None]) -> None:
        self._database = database
        self._clock = clock
        self._announce_ended = announce_ended
        self._recognised: OrderedDict[str, tuple[float, SignedIn]] = OrderedDict()
        self._hashes: dict[SessionId, str] = {}
        self._forgotten = 0
        self._lookups = AskedTogether(self._read)
        self._sightings = AskedTogether(self._write_seen)

    def begin(self, session: Session, user: wire.User, origin: Origin) -> SignedIn:
        """A new session, inside the transaction that signs the person in."""
        now = self._clock.now_ms()
        token = secrets.token_urlsafe(32)
        session_id = SessionId(new_id(now))
        session.add(
            SessionRow(
                id=session_id, user_id=user.id, token_hash=_hash(token), device=origin.device, ip=origin.address,
                place=origin.place, created_at=now, last_seen_at=now,
            )
        )  # fmt: skip
        return SignedIn(UserId(user.id), session_id, user.is_admin is True, token)

    def find(self, token: str) -> SignedIn | None:
        """Who a token stands for; None when it is unknown, ended, unused for 400 days, or its person suspended.

        Looked up by hash: how long that takes says nothing about the token."""
        token_hash = _hash(token)
        cached = self._recognised.get(token_hash)
        if cached is not None and cached[0] > self._clock.monotonic():
            return cached[1]
        return self._look_up(token, token_hash)

    def of(self, user_id: UserId, current: SessionId) -> list[wire.Session]:
        """Where a person is signed in, the current session marked."""
        return self._database.read(
            lambda session: queries.open_sessions(session, user_id, current, self._oldest())
        )

    def end(self, user_id: UserId, session_id: SessionId) -> None:
        """End one of a person's own sessions, here at once, everywhere within a second. Raises NotFound."""
        now = self._clock.now_ms()
        if not self._database.run(lambda session: _end(session, user_id, session_id, now)):
            raise NotFound("You have no such session.")
        self.forget(session_id)
        self._announce_ended(session_id)

    def ended(self, session_ids: Iterable[SessionId]) -> set[SessionId]:
        """Those of the sessions that are over: ended, unused for 400 days, or of somebody suspended."""
        asked = set(session_ids)
        return asked - self._database.read(lambda session: queries.still_open(session, asked, self._oldest()))

    def prune(self) -> bool:
        """Remove some of those that nobody used for 400 days, ended or not; whether there may be more."""
        oldest = self._oldest()
        return (
            self._database.run(lambda session: queries.remove_sessions(session, oldest)) == queries.MOST_IDS
        )

    def forget(self, session_id: SessionId) -> None:
        """Recognise this session no more without asking the database."""
        self._forgotten += 1
        token_hash = self._hashes.pop(session_id, None)
        if token_hash is not None:
            self._recognised.pop(token_hash, None)

    def _look_up(self, token: str, token_hash: str) -> SignedIn | None:
        forgotten = self._forgotten
        found = self._lookups.find(token_hash)
        if found is None:
            return None
        signed_in = SignedIn(found.user_id, found.session_id, found.is_admin, token)
        if forgotten == self._forgotten:  # else it may have been ended while the database was asked
            self._remember(token_hash, signed_in)
        if found.last_seen_at <= self._clock.now_ms() - SEEN_EVERY_MS:
            self._sightings.find(found.session_id)
        return signed_in

    def _read(self, token_hashes: list[str]) -> dict[str, queries.OpenSession]:
        oldest = self._oldest()
        return self._database.read(lambda session: queries.find_open_sessions(session, token_hashes, oldest))

    def _remember(self, token_hash: str, signed_in: SignedIn) -> None:
        self._recognised[token_hash] = (self._clock.monotonic() + CACHE_SECONDS, signed_in)
        self._recognised.move_to_end(token_hash)
        self._hashes[signed_in.session_id] = token_hash
        while len(self._recognised) > CACHE_SIZE:
            _, (_, oldest) = self._recognised.popitem(last=False)
            self._hashes.pop(oldest.session_id, None)

    def _write_seen(self, session_ids: list[SessionId]) -> dict[SessionId, None]:
        """One transaction for all who come at once: after a restart that is everybody."""
        now = self._clock.now_ms()
        self._database.run(lambda session: queries.note_seen(session, session_ids, now))
        return {}

    def _oldest(self) -> int:
        return self._clock.now_ms() - UNUSED_DAYS * DAY_MS


def _end(session: Session, user_id: UserId, session_id: SessionId, now: int) -> bool:
    ended = session.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.user_id == user_id, SessionRow.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SessionRow.id)
    )
    return ended.first() is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
