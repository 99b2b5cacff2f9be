"""Others write between what a transaction reads and what it writes: PostgreSQL, with another process in the middle of
its transaction. SQLite has one writer, so there is nothing of this there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from app.accounts.models import UserRow
from app.core.errors import NotFound
from app.core.ids import SessionId
from tests.accounts.house import PASSWORD, House
from tests.postgres import Postgres

Connection = psycopg.Connection[tuple[object, ...]]

OWNER = (
    "INSERT INTO users (id, username, username_key, display_name, search_key, password_hash, is_owner, is_admin,"
    " created_at) VALUES ('0', 'first', 'first', 'first', 'first', '', true, true, 0)"
)


@pytest.fixture
def url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def other(postgres: Postgres, url: str) -> Iterator[Connection]:
    """The other process."""
    with postgres.connect(url) as connection:
        yield connection


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[House]:
    house = House(url, tmp_path)
    yield house
    house.close()


@contextmanager
def in_the_middle(other: Connection, *statements: str) -> Iterator[None]:
    """The other process has done this and commits once somebody waits for it. Fails when nobody does."""

    def commit_when_waited_for() -> None:
        while not over.wait(0.005):
            if other.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                waited.append(True)
                break
        other.execute("COMMIT")

    over, waited = threading.Event(), []
    other.execute("BEGIN")
    for statement in statements:
        other.execute(statement)  # type: ignore[call-overload]
    committing = threading.Thread(target=commit_when_waited_for)
    committing.start()
    try:
        yield
    finally:
        over.set()
        committing.join()
    assert waited


def sign_up(house: House, username: str, expect: int, **more: object) -> dict[str, object]:
    body = {"username": username, "password": PASSWORD, "display_name": "x", **more}
    return dict(house.visitor().call("POST", "/auth/signup", body, expect=expect))


def people(house: House) -> list[str]:
    names = select(UserRow.username).order_by(UserRow.username_key)
    return house.database.read(lambda session: list(session.scalars(names)))


def test_who_comes_second_at_the_same_moment_is_not_owner(house: House, other: Connection) -> None:
    with in_the_middle(other, OWNER):
        user = sign_up(house, "second", 201)["user"]
    assert isinstance(user, dict)
    assert user["is_admin"] is False


def test_where_only_the_first_may_come_the_second_at_the_same_moment_may_not(
    url: str, other: Connection, tmp_path: Path
) -> None:
    house = House(url, tmp_path, signup="closed")
    with in_the_middle(other, OWNER):
        sign_up(house, "second", 403)
    assert people(house) == ["first"]
    house.close()


def test_a_name_that_is_being_taken_is_taken(house: House, other: Connection) -> None:
    house.person("zero")
    with in_the_middle(other, OWNER.replace("true, true", "false, false")):
        assert sign_up(house, "First", 409)["code"] == "conflict"
    assert people(house) == ["first", "zero"]


def test_the_last_place_of_an_invitation_is_given_once(house: House, other: Connection) -> None:
    code = house.person("marie").call("POST", "/invites", {"uses": 1}, expect=201)["invite"]["code"]
    with in_the_middle(other, "UPDATE invites SET uses_left = uses_left - 1"):
        assert sign_up(house, "minsu", 403, invite=code)["code"] == "forbidden"
    assert people(house) == ["marie"]


def test_a_place_that_is_given_back_can_be_taken(house: House, other: Connection) -> None:
    code = house.person("marie").call("POST", "/invites", {"uses": 2}, expect=201)["invite"]["code"]
    with in_the_middle(other, "UPDATE invites SET uses_left = uses_left - 1"):
        sign_up(house, "minsu", 201, invite=code)
    sign_up(house, "jihye", 403, invite=code)


def test_an_invitation_that_is_being_taken_back_lets_nobody_in(house: House, other: Connection) -> None:
    code = house.person("marie").call("POST", "/invites", {}, expect=201)["invite"]["code"]
    with in_the_middle(other, "UPDATE invites SET revoked_at = 1"):
        sign_up(house, "minsu", 403, invite=code)


def test_a_session_is_ended_once(house: House, other: Connection) -> None:
    marie = house.person("marie")
    (session,) = marie.call("GET", "/sessions")["sessions"]
    with in_the_middle(other, "UPDATE sessions SET ended_at = 1"), pytest.raises(NotFound):
        house.sessions.end(marie.id, SessionId(session["id"]))
    assert house.ended == []


def test_a_changed_profile_is_made_of_what_the_other_process_left(house: House, other: Connection) -> None:
    """The search key is made of both names: with the name as it was read before, the old one would be found."""
    marie = house.person("marie", "Marie")
    change = "UPDATE users SET display_name = 'Maria', search_key = 'marie' || chr(10) || 'maria'"
    with in_the_middle(other, change):
        assert marie.call("PATCH", "/me", {"locale": "ko"})["user"]["display_name"] == "Maria"
    key = house.database.read(lambda session: session.scalar(select(UserRow.search_key)))
    assert key == "marie\nmaria\nmarie\nmaria"
