"""Brings the database to the newest schema; safe to call by several processes at once."""

import fcntl
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from app.core.errors import CannotOpen

PROJECT = Path(__file__).parents[2]


def migrate(url: str, folder: Path) -> None:
    """Run all migrations the database at `url` lacks. `folder` holds the lock file; others wait meanwhile.

    Raises CannotOpen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            command.upgrade(alembic_config(url), "head")
        except DBAPIError as error:
            shown = make_url(url).render_as_string(hide_password=True)
            raise CannotOpen(f"The database {shown} cannot be used: {error.orig}.") from error


def alembic_config(url: str) -> AlembicConfig:
    """Alembic's settings for this database, whatever the current folder."""
    config = AlembicConfig(PROJECT / "migrations" / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
