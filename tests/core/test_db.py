"""The relational database: what holds on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import SessionRow
from app.core.db import Database
from app.core.errors import Conflict
from tests.core.databases import ADD, add, ids, open_database


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    yield from open_database(database_url, tmp_path)


def test_work_that_returns_is_committed_and_its_result_comes_back(database: Database) -> None:
    add(database, "a")
    assert ids(database) == ["a"]


def test_work_that_raises_leaves_nothing_behind_and_its_error_arrives(database: Database) -> None:
    def fail(session: Session) -> None:
        session.execute(text(ADD), {"id": "a"})
        raise Conflict("no")

    with pytest.raises(Conflict):
        database.run(fail)
    assert ids(database) == []


def test_a_broken_constraint_is_raised_and_the_next_transaction_works(database: Database) -> None:
    add(database, "a")
    with pytest.raises(IntegrityError):
        add(database, "a")
    add(database, "b")
    assert ids(database) == ["a", "b"]


def test_foreign_keys_hold(database: Database) -> None:
    row = {"id": "s", "user_id": "nobody", "token_hash": "", "device": "", "ip": "", "place": "", "created_at": 0,
           "last_seen_at": 0}  # fmt: skip
    with pytest.raises(IntegrityError):
        database.run(lambda session: session.execute(insert(SessionRow).values(row)).close())


def test_text_with_a_nul_finds_nothing_and_does_not_fail(database: Database) -> None:
    found = select(SessionRow.id).where(SessionRow.token_hash.in_(["a\0b", "\0"]))
    assert database.read(lambda session: list(session.scalars(found))) == []
