"""SQLite: durability, and what several processes do to one file."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import UserRow
from app.core.db import Database
from app.core.errors import Unavailable
from tests.core.databases import ADD, add, ids, open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "maru.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    yield from open_database(f"sqlite:///{path}", path.parent)


def test_commits_survive_a_power_cut_and_readers_do_not_wait_for_writers(database: Database) -> None:
    pragmas = database.read(
        lambda session: [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]
    )
    assert pragmas == ["wal", 2]  # 2: FULL


def test_reads_see_what_is_committed_while_another_process_writes(database: Database, path: Path) -> None:
    add(database, "a")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute(ADD, {"id": "b"})
    assert ids(database) == ["a"]
    other.execute("COMMIT")
    other.close()
    assert ids(database) == ["a", "b"]


def test_a_writer_waits_for_the_writer_of_another_process(database: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute(ADD, {"id": "b"})
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
            other.execute(ADD, {"id": "b"})
        session.execute(text(ADD), {"id": "a"})

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
