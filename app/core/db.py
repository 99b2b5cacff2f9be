"""The relational database: one transaction per call, never waited for by the event loop. SQLite or PostgreSQL."""

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

import flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry

from app.core import engines
from app.core.errors import Unavailable
from app.core.greenlets import Greenlets
from app.core.threads import NativeThreads

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_WAITING = 1_000  # pieces of work behind those that are done; beyond it, refused
MAX_ATTEMPTS = 5  # at a transaction that others were in the way of


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


class Workers(Protocol):
    """Where transactions run: so many at once, a bounded number waiting."""

    def run(self, work: Callable[[], T]) -> T:
        """What the work returns, or raises; waits for it. Raises Unavailable."""

    def close(self) -> None: ...


def workers_for(url: str) -> Workers:
    """SQLite blocks, so it has a native thread; one, since it has one writer, and no lock of SQLAlchemy's is ever
    contended between threads then, which gevent's patched locks are not made for. psycopg waits by yielding (it looks
    whether `select` is patched), so PostgreSQL is asked by the greenlets themselves."""
    if engines.is_sqlite(url):
        return NativeThreads(threads=1, waiting=MAX_WAITING)
    return Greenlets(engines.MAX_CONNECTIONS, waiting=MAX_WAITING, seconds=engines.ANSWER_SECONDS)


class Database:
    """Runs work in a transaction of its own.

    What the work returns must not need the session any more: plain values, not rows. It may be run more than once, when
    others were in its way; what it wrote before is undone then. It waits for nothing but the database: a connection is
    never held meanwhile.

    SQLite has one writer. In PostgreSQL others write between what a transaction reads and what it writes (READ
    COMMITTED), so each decision is a constraint, one statement that reads and writes (`UPDATE … WHERE … RETURNING`), or
    reads its rows `with_for_update`. docs/adr/0012 goes through all of them.
    """

    def __init__(self, flask_app: flask.Flask, orm: SQLAlchemy, workers: Workers) -> None:
        self._app = flask_app
        self._orm = orm
        self._workers = workers
        with flask_app.app_context():
            engines.prepare_engine(orm.engine)
            engines.bound_statements(orm.engine)

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
        self._workers.run(engine.dispose)
        self._workers.close()

    def _transact(self, work: Callable[[Session], T], writes: bool) -> T:
        attempts = 1
        while True:
            try:
                return self._workers.run(lambda: self._in_transaction(work, writes))
            except DBAPIError as error:
                attempts += 1
                if not engines.was_outrun(error) or attempts > MAX_ATTEMPTS:
                    _raise_unavailable(error)
                    raise

    def _in_transaction(self, work: Callable[[Session], T], writes: bool) -> T:
        """Leaving the context gives the session back, rolled back if not committed."""
        with self._app.app_context():
            session: Session = self._orm.session()
            session.connection(execution_options=engines.transaction_options(self._orm.engine, writes))
            result = work(session)
            session.commit()
            return result


def _raise_unavailable(error: DBAPIError) -> None:
    """If it is the database that is to blame. Raises Unavailable."""
    if engines.is_away(error):
        log.error("the database refused: %s", error.orig)
        raise Unavailable("The database cannot be used right now; try again.", retry_after=1) from error
