"""PostgreSQL: many connections that wait by yielding, others who write in between, and a server that goes away."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import UserRow
from app.core.db import MAX_ATTEMPTS, Database
from app.core.errors import Unavailable
from app.core.migrate import PROJECT
from tests.core.databases import ADD, add, checked_out, ids, open_database
from tests.postgres import Postgres

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def database(url: str, tmp_path: Path) -> Iterator[Database]:
    yield from open_database(url, tmp_path)


@pytest.fixture
def other(postgres: Postgres, url: str) -> Iterator[Connection]:
    """Another process, whose statements are transactions of their own."""
    with postgres.connect(url) as connection:
        yield connection


@pytest.fixture(scope="module")
def patched(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What came of a process that is patched by gevent, as servers are."""
    program = [sys.executable, "-W", "error", "-m", "tests.core.cooperating"]
    with postgres.database() as url:
        command = [*program, url, str(tmp_path_factory.mktemp("patched"))]
        ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


# --- beside gevent -----------------------------------------------------------------------------------------------


def test_the_event_loop_goes_on_while_a_query_waits(patched: Any) -> None:
    assert patched["wait"] != "wait_c"  # psycopg saw that it has to yield
    assert patched["turns"] == 5


def test_many_at_once_share_a_bounded_number_of_connections(patched: Any) -> None:
    assert patched["connections"] == [8, 50]


def test_a_server_that_stops_answering_is_given_up_and_its_connection_is_never_used_again(
    patched: Any,
) -> None:
    assert patched["stopped"] == ["This took too long; try again in a moment.", 0, 0]


def test_of_twenty_who_want_what_there_is_once_one_gets_it(patched: Any) -> None:
    assert patched["last_place"] == 1


# --- transactions ------------------------------------------------------------------------------------------------


def test_a_read_sees_one_moment_whatever_others_write_meanwhile(
    database: Database, other: Connection
) -> None:
    def count_twice(session: Session) -> list[int | None]:
        count = select(func.count()).select_from(UserRow)
        before = session.scalar(count)
        other.execute(ADD.replace(":id", "'b'"))
        return [before, session.scalar(count)]

    assert database.read(count_twice) == [0, 0]
    assert ids(database) == ["b"]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable):
        database.read(lambda session: session.execute(text(ADD), {"id": "a"}).close())
    add(database, "b")
    assert ids(database) == ["b"]


def test_a_transaction_that_others_were_in_the_way_of_is_done_again(database: Database) -> None:
    attempts = 0

    def work(session: Session) -> int:
        nonlocal attempts
        attempts += 1
        session.execute(text(ADD), {"id": "a"})
        if attempts < 3:
            session.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))
        return attempts

    assert database.run(work) == 3
    assert ids(database) == ["a"]


def test_but_not_for_ever(database: Database) -> None:
    attempts = []

    def work(session: Session) -> None:
        attempts.append(1)
        session.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))

    with pytest.raises(Unavailable):
        database.run(work)
    assert len(attempts) == MAX_ATTEMPTS
    assert checked_out(database) == 0


def test_two_who_wait_for_each_other_both_get_through(database: Database, other: Connection) -> None:
    """The server ends ours, since we wait less patiently; then it is done again."""
    add(database, "a")
    add(database, "b")
    rename = "UPDATE users SET display_name = display_name || 'x' WHERE id = %s"
    other.execute("SET deadlock_timeout = '60s'")
    other.execute("BEGIN")
    other.execute(rename, ("b",))

    def finish() -> None:
        other.execute(rename, ("a",))
        other.execute("COMMIT")

    finishing = threading.Thread(target=finish)

    def work(session: Session) -> None:
        session.execute(text("SET LOCAL deadlock_timeout = '1ms'"))
        session.execute(_renamed("a"))
        if not finishing.ident:
            finishing.start()
            wait_until_waiting(session)
        session.execute(_renamed("b"))

    database.run(work)
    finishing.join()
    names = database.read(lambda session: sorted(session.scalars(select(UserRow.display_name))))
    assert sorted(map(sorted, names)) == [["a", "x", "y"], ["b", "x", "y"]]


def _renamed(identity: str) -> Any:
    return update(UserRow).where(UserRow.id == identity).values(display_name=UserRow.display_name + "y")


def wait_until_waiting(session: Session) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not session.scalar(waiting):
        session.execute(text("SELECT pg_sleep(0.005)"))


# --- a server that goes away -------------------------------------------------------------------------------------


def test_a_connection_that_was_cut_between_two_transactions_is_not_noticed(
    database: Database, other: Connection
) -> None:
    add(database, "a")
    cut_all(other)
    assert ids(database) == ["a"]


def test_one_that_is_cut_in_the_middle_is_told_and_the_next_works(
    database: Database, other: Connection
) -> None:
    def work(session: Session) -> None:
        session.execute(text(ADD), {"id": "a"})
        cut_all(other)
        session.execute(text(ADD), {"id": "b"})

    with pytest.raises(Unavailable) as refused:
        database.run(work)
    assert refused.value.retry_after
    assert ids(database) == []
    assert checked_out(database) == 0


def test_while_the_server_is_away_it_is_unavailable_and_well_again_afterwards(
    database: Database, postgres: Postgres
) -> None:
    add(database, "a")
    postgres.stop()
    try:
        for _ in range(3):
            with pytest.raises(Unavailable):
                ids(database)
    finally:
        postgres.start()
    assert ids(database) == ["a"]


def test_no_statement_works_on_for_nobody(database: Database) -> None:
    def settings(session: Session) -> list[str | None]:
        names = ("statement_timeout", "idle_in_transaction_session_timeout", "application_name")
        return [session.scalar(text(f"SHOW {name}")) for name in names]

    assert database.run(settings) == ["12s", "15s", "maru"]
    assert database.read(settings) == ["12s", "15s", "maru"]


def test_what_the_url_says_of_a_connection_goes_first(url: str, tmp_path: Path) -> None:
    for database in open_database(f"{url}&application_name=hall", tmp_path):
        assert database.read(lambda session: session.scalar(text("SHOW application_name"))) == "hall"


def cut_all(other: Connection) -> None:
    """End all connections to this database but the own."""
    other.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
