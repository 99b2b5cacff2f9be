"""Brings the database to the newest schema; safe to call by several processes, and on several machines, at once."""

import fcntl
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.core.errors import CannotOpen

PROJECT = Path(__file__).parents[2]
TURN = 0x6D617275  # "maru": the name of PostgreSQL's lock, of all that may be taken in this database


def migrate(url: str, folder: Path) -> None:
    """Run all migrations the database at `url` lacks. `folder` holds the lock file; others wait meanwhile.

    Raises CannotOpen, in one sentence without the password.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            command.upgrade(alembic_config(url), "head")
        except DBAPIError as error:
            raise CannotOpen(
                f"The database {_shown(url)} cannot be used: {_sentence(error.orig)}."
            ) from error
        except SQLAlchemyError as error:
            raise CannotOpen(f"The database {_shown(url)} cannot be used: {_sentence(error)}.") from error


def alembic_config(url: str) -> AlembicConfig:
    """Alembic's settings for this database, whatever the current folder."""
    config = AlembicConfig(PROJECT / "migrations" / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def take_turn(connection: Connection) -> None:
    """Inside the transaction of the migrations: wait until no other machine migrates this database. SQLite is of one
    machine, where the lock file is enough. Raises CannotOpen when the database cannot hold every language."""
    if connection.dialect.name == "sqlite":
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": TURN})
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise CannotOpen(f"The database must be made with the encoding UTF8, not {encoding}.")


def _shown(url: str) -> str:
    """Without the password, wherever in the URL it is."""
    return make_url(url).set(query={}).render_as_string(hide_password=True)


def _sentence(error: object) -> str:
    """The first line of what a driver says, which may be many."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else "it did not say why"
