"""How Alembic reaches the database: the same engine preparation as the application, one transaction for all."""

from alembic import context
from sqlalchemy import NullPool, create_engine

from app.accounts import models as _accounts  # noqa: F401  # registers its tables
from app.config import read_config
from app.core.db import Base
from app.core.engines import prepare_engine
from app.core.migrate import take_turn
from app.invites import models as _invites  # noqa: F401  # registers its tables
from app.jobs import models as _jobs  # noqa: F401  # registers its tables


def run() -> None:
    """Migrate what `sqlalchemy.url` names, or the configured database."""
    url = context.config.get_main_option("sqlalchemy.url") or read_config().sqlalchemy_url
    engine = create_engine(url, poolclass=NullPool)
    prepare_engine(engine)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        with context.begin_transaction():
            take_turn(connection)
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Maru's migrations run against a database; there is no SQL script mode.")
run()
