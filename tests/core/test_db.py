"""The relational database: transactions, durability, several processes."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import SessionRow, UserRow
from app.core.db import Base, Database, engine_options
from app.core.errors import Conflict, Unavailable
from app.core.migrate import migrate
from app.core.threads import NativeThreads

SETTINGS = "INSERT INTO users VALUES (:id,:id,:id,:id,:id,'',0,0,NULL,NULL,0,NULL)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "maru.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    url = f"sqlite:///{path}"
    migrate(url, path.parent)
    app = flask.Flask("test")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    database = Database(app, SQLAlchemy(app, model_class=Base), NativeThreads(1, 10))
    yield database
    database.close()


def add(database: Database, identity: str) -> None:
    database.run(lambda session: session.execute(text(SETTINGS), {"id": identity}).close())


def ids(database: Database) -> list[str]:
    return database.read(lambda session: list(session.scalars(select(UserRow.id).order_by(UserRow.id))))


def test_work_that_returns_is_committed_and_its_result_comes_back(database: Database) -> None:
    add(database, "a")
    assert ids(database) == ["a"]


def test_work_that_raises_leaves_nothing_behind_and_its_error_arrives(database: Database) -> None:
    def fail(session: Session) -> None:
        session.execute(text(SETTINGS), {"id": "a"})
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


def test_commits_survive_a_power_cut_and_readers_do_not_wait_for_writers(database: Database) -> None:
    pragmas = database.read(
        lambda session: [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]
    )
    assert pragmas == ["wal", 2]  # 2: FULL


def test_reads_see_what_is_committed_while_another_process_writes(database: Database, path: Path) -> None:
    add(database, "a")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute(SETTINGS, {"id": "b"})
    assert ids(database) == ["a"]
    other.execute("COMMIT")
    other.close()
    assert ids(database) == ["a", "b"]


def test_a_writer_waits_for_the_writer_of_another_process(database: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute(SETTINGS, {"id": "b"})
    threading.Timer(0.05, lambda: other.execute("COMMIT")).start()
    add(database, "a")
    other.close()
    assert ids(database) == ["a", "b"]


def test_nobody_writes_between_what_a_transaction_reads_and_what_it_writes(
    database: Database, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)

    def read_and_write(session: Session) -> None:
        assert not session.scalar(select(UserRow.id))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute(SETTINGS, {"id": "b"})
        session.execute(text(SETTINGS), {"id": "a"})

    database.run(read_and_write)
    other.close()
    assert ids(database) == ["a"]


def test_a_database_that_stays_locked_is_unavailable_and_works_again_afterwards(
    database: Database, path: Path
) -> None:
    database.read(lambda session: session.execute(text("PRAGMA busy_timeout = 1")).close())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        add(database, "a")
    other.execute("ROLLBACK")
    other.close()
    add(database, "a")
    assert ids(database) == ["a"]
