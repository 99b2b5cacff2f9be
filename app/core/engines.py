"""What SQLite and PostgreSQL each need of SQLAlchemy, and what their errors mean. Nothing above sees which it is."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, String, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

BUSY_SECONDS = 5  # how long one process waits while another one of this machine writes

# PostgreSQL. Its server allows 100 connections unless told otherwise: enough for a dozen processes.
MAX_CONNECTIONS = 8  # a process
KEPT_CONNECTIONS = 4  # of them are kept open when there is nothing to do
ANSWER_SECONDS = 15  # what takes longer is given up: the server is stopped, or the network is cut
STATEMENT_SECONDS = 12  # the server gives up before that, so that it does not work for nobody
_CONNECTION = {
    "application_name": "maru",
    "connect_timeout": 5,
    "keepalives_idle": 10,  # seconds; a server that is gone without a word is noticed after about 20
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,  # ms
}
_OUTRUN = frozenset(("40001", "40P01"))  # serialization failure, deadlock
_READ_ONLY = "25006"  # we reached a standby, or a primary that became one
_WRITES = "maru_writes"


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def binary(length: int) -> String:
    """Text that is ordered by its bytes wherever it is stored, as SQLite does it."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def engine_options(url: str) -> dict[str, Any]:
    """What `SQLALCHEMY_ENGINE_OPTIONS` should hold for this database.

    SQLite: one connection that is kept, since one thread uses it and opening a file costs more than a query.
    PostgreSQL: as many as may work at once (`db.workers_for`), so that nobody ever waits for the pool. What the URL
    says of a connection goes before what is said here.
    """
    if is_sqlite(url):
        return {
            "poolclass": StaticPool,
            "connect_args": {"check_same_thread": False, "timeout": BUSY_SECONDS},
        }
    said = make_url(url).query
    return {
        "pool_size": KEPT_CONNECTIONS,
        "max_overflow": MAX_CONNECTIONS - KEPT_CONNECTIONS,
        "pool_timeout": ANSWER_SECONDS,
        "pool_pre_ping": True,
        "isolation_level": "READ COMMITTED",
        "use_native_hstore": False,
        "connect_args": {name: value for name, value in _CONNECTION.items() if name not in said},
    }


def prepare_engine(engine: Engine) -> None:
    """SQLite: durable, checked and honest about when its transactions begin. PostgreSQL: takes any text."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "before_cursor_execute", _replace_nul, retval=True)


def bound_statements(engine: Engine) -> None:
    """Let no statement take for ever. While serving only: a migration may take its time."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _set_timeouts)


def transaction_options(engine: Engine, writes: bool) -> dict[str, Any]:
    """Execution options of a transaction. Reading: one snapshot for all of it, and nothing is written by mistake."""
    if engine.dialect.name == "sqlite":
        return {_WRITES: writes}
    return {} if writes else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def was_outrun(error: DBAPIError) -> bool:
    """Whether others were in the way of the transaction: the same again may work."""
    return _sqlstate(error) in _OUTRUN


def is_away(error: DBAPIError) -> bool:
    """Whether it is the database's fault, which may be well again soon."""
    refused = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return refused or _sqlstate(error) == _READ_ONLY


def _sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's code of what went wrong: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    return getattr(error.orig, "sqlstate", None)


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    """FULL: an account that was answered with 201 is on disk; accounts are few, so the fsync is no matter."""
    connection.isolation_level = None  # begin is ours: https://docs.sqlalchemy.org/dialects/sqlite.html
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """IMMEDIATE takes the write lock first: a read that later turns into a write would fail as busy instead."""
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_timeouts(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{ANSWER_SECONDS}s'")
    connection.commit()


def _replace_nul(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool
) -> tuple[str, Any]:
    """PostgreSQL's text holds no NUL. Nothing that is stored has one (names.py), but what is typed may: it must find
    nothing, and not fail."""
    if executemany:
        return statement, [_without_nul(each) for each in parameters]
    return statement, _without_nul(parameters)


def _without_nul(parameters: Any) -> Any:
    if not isinstance(parameters, dict) or not any(map(_has_nul, parameters.values())):
        return parameters
    return {
        name: value.replace("\0", "\ufffd") if _has_nul(value) else value
        for name, value in parameters.items()
    }


def _has_nul(value: object) -> bool:
    return isinstance(value, str) and "\0" in value
