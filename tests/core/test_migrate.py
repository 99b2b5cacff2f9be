"""Migrations make exactly the schema the models describe."""

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from app.accounts import models as _accounts  # noqa: F401  # registers its tables
from app.core.db import Base
from app.core.migrate import PROJECT, alembic_config, migrate
from app.invites import models as _invites  # noqa: F401  # registers its tables


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_a_migrated_database_is_what_the_models_describe(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'maru.db'}"
    migrate(url, tmp_path)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        schema = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = 'uq_users_owner'"
        ).scalar()
    engine.dispose()
    assert schema is not None
    assert schema.endswith("WHERE is_owner")


def test_migrating_twice_changes_nothing_and_going_back_leaves_no_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'maru.db'}"
    migrate(url, tmp_path)
    migrate(url, tmp_path)
    assert {"users", "sessions", "invites", "invite_uses"} <= tables(url)
    command.downgrade(alembic_config(url), "base")
    assert tables(url) == {"alembic_version"}


def test_several_processes_may_migrate_at_once_from_any_folder(tmp_path: Path) -> None:
    program = "import sys, pathlib, app.core.migrate as m; m.migrate(sys.argv[1], pathlib.Path('.'))"
    url = f"sqlite:///{tmp_path / 'a b%20c.db'}"
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program, url],
            cwd=tmp_path,
            env={"PYTHONPATH": str(PROJECT)},
        )
        for _ in range(3)
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert "users" in tables(url)


def test_one_process_migrates_while_the_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def upgrade(_config: object, _revision: str) -> None:
        with (tmp_path / "migrate.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        seen.append("locked")

    seen: list[str] = []
    monkeypatch.setattr(command, "upgrade", upgrade)
    migrate(f"sqlite:///{tmp_path / 'maru.db'}", tmp_path)
    assert seen == ["locked"]


def test_the_alembic_command_works_on_the_configured_database(tmp_path: Path) -> None:
    command_line = [sys.executable, "-m", "alembic", "-c", str(PROJECT / "migrations" / "alembic.ini")]
    environment = {"MARU_DATA": str(tmp_path)}
    subprocess.run([*command_line, "upgrade", "head"], cwd=tmp_path, env=environment, check=True, timeout=60)
    subprocess.run([*command_line, "check"], cwd=tmp_path, env=environment, check=True, timeout=60)
    assert "users" in tables(f"sqlite:///{tmp_path / 'maru.db'}")
