"""Reading people and sessions. Each function is given the session of a transaction; plain values come back."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar, get_args

import msgspec
from sqlalchemy import ColumnElement, Row, delete, exists, select, update
from sqlalchemy.orm import Session

from app.accounts import wire
from app.accounts.models import SessionRow, UserRow
from app.accounts.names import holds_lone_initial, initials, name_matches, search_term
from app.core.errors import Invalid
from app.core.ids import SessionId, UserId, first_id

T = TypeVar("T")


MOST_IDS = 500  # in one statement; SQLite takes 32,766 values, and SQLAlchemy compiles each length anew


class Credentials(msgspec.Struct, frozen=True):
    """What a sign-in is checked against. `seen_place`: the person signed in from there before."""

    user: wire.User
    password_hash: str
    suspended: bool
    seen_place: bool


class OpenSession(msgspec.Struct, frozen=True):
    """A session that may be used, and whose it is."""

    session_id: SessionId
    user_id: UserId
    is_admin: bool
    last_seen_at: int


def find_credentials(session: Session, username_key: str, place: str) -> Credentials | None:
    """What signing in as somebody takes. One query, whether the person exists or not."""
    seen = exists().where(SessionRow.user_id == UserRow.id, SessionRow.place == place)
    found = session.execute(select(UserRow, seen).where(UserRow.username_key == username_key)).one_or_none()
    if found is None:
        return None
    row, seen_place = found
    return Credentials(own_user(row), row.password_hash, row.suspended_at is not None, seen_place)


def still_open(session: Session, session_ids: Iterable[SessionId], seen_after: int) -> set[SessionId]:
    """Those of the sessions that may still be used."""
    open_ids: set[SessionId] = set()
    for some in batched(session_ids, MOST_IDS):
        rows = session.scalars(
            select(SessionRow.id).join(UserRow).where(SessionRow.id.in_(some), *_open(seen_after))
        )
        open_ids.update(map(SessionId, rows))
    return open_ids


def find_open_sessions(
    session: Session, token_hashes: Iterable[str], seen_after: int
) -> dict[str, OpenSession]:
    """The sessions of tokens, unless ended, unused since `seen_after` or their people suspended."""
    found: dict[str, OpenSession] = {}
    for some in batched(token_hashes, MOST_IDS):
        rows = session.execute(_OPEN_SESSION.where(SessionRow.token_hash.in_(some), *_open(seen_after)))
        for token_hash, session_id, user_id, is_admin, last_seen_at in rows:
            found[token_hash] = OpenSession(SessionId(session_id), UserId(user_id), is_admin, last_seen_at)
    return found


def note_seen(session: Session, session_ids: Iterable[SessionId], now: int) -> None:
    """The sessions were used now."""
    for some in batched(session_ids, MOST_IDS):
        session.execute(update(SessionRow).where(SessionRow.id.in_(some)).values(last_seen_at=now)).close()


def open_sessions(
    session: Session, user_id: UserId, current: SessionId, seen_after: int
) -> list[wire.Session]:
    """Where a person is signed in, latest use first."""
    rows = session.scalars(
        select(SessionRow)
        .where(
            SessionRow.user_id == user_id, SessionRow.ended_at.is_(None), SessionRow.last_seen_at > seen_after
        )
        .order_by(SessionRow.last_seen_at.desc(), SessionRow.id.desc())
    )
    return [
        wire.Session(
            id=row.id, device=row.device, ip=row.ip, created_at=row.created_at, last_seen_at=row.last_seen_at,
            current=row.id == current,
        )
        for row in rows
    ]  # fmt: skip


def remove_sessions(session: Session, unused_since: int) -> int:
    """Remove at most `MOST_IDS` sessions last seen before that; how many there were. Ids are in order of time, and what
    is newer than that was seen since: only the old end of the table is looked at."""
    unused = (
        select(SessionRow.id)
        .where(SessionRow.id < first_id(unused_since), SessionRow.last_seen_at < unused_since)
        .order_by(SessionRow.id)
        .limit(MOST_IDS)
    )
    removed = delete(SessionRow).where(SessionRow.id.in_(unused)).returning(SessionRow.id)
    return len(session.scalars(removed).all())


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def has_people(session: Session) -> bool:
    """Whether anybody has an account yet; the first one becomes owner."""
    return bool(session.scalar(select(exists().where(UserRow.id.is_not(None)))))


def has_username(session: Session, username_key: str) -> bool:
    return bool(session.scalar(select(exists().where(UserRow.username_key == username_key))))


def find_own_user(session: Session, user_id: UserId) -> wire.User | None:
    row = session.get(UserRow, user_id)
    return None if row is None else own_user(row)


def users(session: Session, user_ids: Iterable[UserId]) -> dict[UserId, wire.User]:
    """Those of the people who exist, suspended or not: their messages still need a name."""
    found: dict[UserId, wire.User] = {}
    for some in batched(user_ids, MOST_IDS):
        found |= {
            UserId(row.id): _public(row) for row in session.execute(_PUBLIC.where(UserRow.id.in_(some)))
        }
    return found


def page_users(session: Session, query: str, after: UserId | None, limit: int) -> list[wire.User]:
    """People whose username or name holds the query, in the order of usernames, beyond `after`; the suspended ones
    are not found. Raises Invalid when nobody has the id `after`."""
    term = search_term(query)
    beyond = "" if after is None else _key_of(session, after)
    found: list[wire.User] = []
    while len(found) < limit:
        rows = _candidates(session, term, beyond, limit)
        found += [_public(row) for row in rows if _matches(term, row.search_key)]
        if len(rows) < limit:
            break
        beyond = rows[-1].username_key
    return found[:limit]


def own_user(row: UserRow) -> wire.User:
    """A person as they see themselves."""
    return wire.User(
        id=row.id, username=row.username, display_name=row.display_name, avatar_id=row.avatar_id,
        is_admin=row.is_admin, locale=row.locale, presence=visibility(row.presence),
    )  # fmt: skip


def visibilities(session: Session, user_ids: Iterable[UserId]) -> dict[UserId, wire.Visibility]:
    """Who may see whether they are here, of those of the people who exist."""
    found: dict[UserId, wire.Visibility] = {}
    for some in batched(user_ids, MOST_IDS):
        rows = session.execute(select(UserRow.id, UserRow.presence).where(UserRow.id.in_(some)))
        found |= {UserId(row.id): visibility(row.presence) for row in rows}
    return found


def visibility(text: str) -> wire.Visibility:
    """The setting as it stands in the table; one of a later version that is not known here hides the person."""
    for choice in get_args(wire.Visibility):
        if text == choice:
            return choice  # type: ignore[no-any-return]  # get_args is untyped
    return "nobody"


def _open(seen_after: int) -> tuple[ColumnElement[bool], ...]:
    """What makes a session, joined with its person, usable."""
    return SessionRow.ended_at.is_(None), SessionRow.last_seen_at > seen_after, UserRow.suspended_at.is_(None)


_OPEN_SESSION = select(
    SessionRow.token_hash, SessionRow.id, SessionRow.user_id, UserRow.is_admin, SessionRow.last_seen_at
).join(UserRow)
_PUBLIC = select(UserRow.id, UserRow.username, UserRow.display_name, UserRow.avatar_id)


def _public(row: Any) -> wire.User:
    return wire.User(id=row.id, username=row.username, display_name=row.display_name, avatar_id=row.avatar_id)


def _candidates(session: Session, term: str, beyond: str, limit: int) -> Sequence[Row[Any]]:
    """People in whose lines the term stands; with lone consonants its initials, which is wider."""
    needle = initials(term) if holds_lone_initial(term) else term
    return session.execute(
        _PUBLIC.add_columns(UserRow.search_key, UserRow.username_key)
        .where(
            UserRow.username_key > beyond,
            UserRow.suspended_at.is_(None),
            UserRow.search_key.contains(needle, autoescape=True),
        )
        .order_by(UserRow.username_key)
        .limit(limit)
    ).all()


def _matches(term: str, search_key: str) -> bool:
    return not holds_lone_initial(term) or name_matches(term, search_key)


def _key_of(session: Session, user_id: UserId) -> str:
    key = session.scalar(select(UserRow.username_key).where(UserRow.id == user_id))
    if key is None:
        raise Invalid("Nobody has the id given as `after`.", fields={"after": "Nobody has this id"})
    return key
