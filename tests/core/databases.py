"""What the tests of both databases do with them."""

from collections.abc import Iterator
from pathlib import Path

import flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, QueuePool, select, text

from app.accounts.models import UserRow
from app.core.db import Base, Database, Workers, workers_for
from app.core.engines import engine_options
from app.core.migrate import migrate

ADD = (
    "INSERT INTO users (id, username, username_key, display_name, search_key, password_hash, is_owner, is_admin,"
    " created_at) SELECT id, id, id, id, id, '', false, false, 0 FROM (SELECT CAST(:id AS VARCHAR) AS id) AS given"
)


def open_database(url: str, folder: Path, workers: Workers | None = None) -> Iterator[Database]:
    """A database as the factory makes it, closed in the end."""
    migrate(url, folder)
    app = flask.Flask("test")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    database = Database(app, SQLAlchemy(app, model_class=Base), workers or workers_for(url))
    yield database
    database.close()


def add(database: Database, identity: str) -> None:
    database.run(lambda session: session.execute(text(ADD), {"id": identity}).close())


def ids(database: Database) -> list[str]:
    return database.read(lambda session: list(session.scalars(select(UserRow.id).order_by(UserRow.id))))


def engine_of(database: Database) -> Engine:
    with database._app.app_context():
        return database._orm.engine


def checked_out(database: Database) -> int:
    """How many of PostgreSQL's connections are in somebody's hands."""
    pool = engine_of(database).pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()
