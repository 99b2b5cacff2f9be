"""The relational database: one transaction per call, in one native thread, never on the event loop."""

import logging
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, Engine, MetaData, StaticPool, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, registry

from app.core.errors import Unavailable
from app.core.threads import NativeThreads

T = TypeVar("T")
log = logging.getLogger(__name__)

BUSY_SECONDS = 5  # how long one process waits while another one of this machine writes
_WRITES = "maru_writes"


class Base(DeclarativeBase):
    """What all tables derive from. Named constraints, so that migrations can speak of them."""

    registry = registry(  # one object, which flask-sqlalchemy's copy of this class can share
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={int: BigInteger},  # times are milliseconds
    )


def engine_options(url: str) -> dict[str, Any]:
    """What `SQLALCHEMY_ENGINE_OPTIONS` should hold for this database.

    SQLite: one connection that is kept, since one thread uses it and opening a file costs more than a query.
    """
    if not is_sqlite(url):
        return {"pool_pre_ping": True}
    return {"poolclass": StaticPool, "connect_args": {"check_same_thread": False, "timeout": BUSY_SECONDS}}


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


class Database:
    """Runs work in a transaction of its own. One thread: no lock of SQLAlchemy's is ever contended between threads,
    which gevent's patched locks are not made for, and SQLite has one writer anyway.

    What the work returns must not need the session any more: plain values, not rows.
    """

    def __init__(self, flask_app: flask.Flask, orm: SQLAlchemy, thread: NativeThreads) -> None:
        self._app = flask_app
        self._orm = orm
        self._thread = thread
        with flask_app.app_context():
            prepare_engine(orm.engine)

    def run(self, work: Callable[[Session], T]) -> T:
        """Work that may write. Committed when it returns, rolled back when it raises. Raises Unavailable when the
        database cannot be reached or is full."""
        return self._transact(work, writes=True)

    def read(self, work: Callable[[Session], T]) -> T:
        """Work that only reads, on one snapshot, without waiting for a writer of another process."""
        return self._transact(work, writes=False)

    def close(self) -> None:
        with self._app.app_context():
            engine = self._orm.engine
        self._thread.run(engine.dispose)
        self._thread.close()

    def _transact(self, work: Callable[[Session], T], writes: bool) -> T:
        try:
            return self._thread.run(lambda: self._in_transaction(work, writes))
        except OperationalError as error:
            log.error("the database refused: %s", error.orig)
            raise Unavailable("The database cannot be used right now; try again.", retry_after=1) from error

    def _in_transaction(self, work: Callable[[Session], T], writes: bool) -> T:
        """In the native thread. Leaving the context gives the session back, rolled back if not committed."""
        with self._app.app_context():
            session: Session = self._orm.session()
            session.connection(execution_options={_WRITES: writes})
            result = work(session)
            session.commit()
            return result


def prepare_engine(engine: Engine) -> None:
    """Make a SQLite engine durable, checked and honest about when its transactions begin."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    """FULL: an account that was answered with 201 is on disk; accounts are few, so the fsync is no matter."""
    connection.isolation_level = None  # begin is ours: https://docs.sqlalchemy.org/dialects/sqlite.html
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """IMMEDIATE takes the write lock first: a read that later turns into a write would fail as busy instead."""
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
