"""Migrations make exactly the schema the models describe, on both databases, however many ask for it at once."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from app.accounts import models as _accounts  # noqa: F401  # registers its tables
from app.core.db import Base
from app.core.errors import CannotOpen
from app.core.migrate import PROJECT, TURN, alembic_config, migrate
from app.invites import models as _invites  # noqa: F401  # registers its tables
from app.jobs import models as _jobs  # noqa: F401  # registers its tables
from tests.postgres import Postgres

TABLES = {"users", "sessions", "invites", "invite_uses", "jobs", "outbox"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'maru.db'}"
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.empty_database()


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_a_migrated_database_is_what_the_models_describe(url: str, tmp_path: Path) -> None:
    migrate(url, tmp_path)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_there_can_be_one_owner_and_as_many_others_as_come(url: str, tmp_path: Path) -> None:
    """Autogenerate does not compare what an index leaves out."""
    migrate(url, tmp_path)
    engine = create_engine(url)
    with engine.connect() as connection:
        found = inspect(connection).get_indexes("users")
        (index,) = [each for each in found if each["name"] == "uq_users_owner"]
    engine.dispose()
    assert (index["column_names"], bool(index["unique"])) == (["is_owner"], True)
    assert str(index["dialect_options"][f"{engine.dialect.name}_where"]) == "is_owner"


def test_names_are_ordered_by_their_bytes(url: str, tmp_path: Path) -> None:
    """As in SQLite: people are paged through in this order."""
    migrate(url, tmp_path)
    names = ["a_c", "ab", "a.d", "ㅎ", "가", "zoe", "émile", "ab0"]
    engine = create_engine(url)
    with engine.begin() as connection:
        for number, name in enumerate(names):
            connection.execute(
                text(
                    "INSERT INTO users (id, username, username_key, display_name, search_key, password_hash, is_owner,"
                    f" is_admin, created_at) VALUES ('{number}', '', :name, '', '', '', false, false, 0)"
                ),
                {"name": name},
            )
        ordered = list(connection.scalars(text("SELECT username_key FROM users ORDER BY username_key")))
    engine.dispose()
    assert ordered == sorted(names)


def test_migrating_twice_changes_nothing_and_going_back_leaves_no_table(url: str, tmp_path: Path) -> None:
    migrate(url, tmp_path)
    migrate(url, tmp_path)
    assert tables(url) >= TABLES
    command.downgrade(alembic_config(url), "base")
    assert tables(url) == {"alembic_version"}


def test_several_processes_may_migrate_at_once_from_any_folder(url: str, tmp_path: Path) -> None:
    """Each has a folder of its own with PostgreSQL, as if it were another machine."""
    program = "import sys, pathlib, app.core.migrate as m; m.migrate(sys.argv[1], pathlib.Path(sys.argv[2]))"
    one_machine = url.startswith("sqlite")
    url = url.replace("maru.db", "a b%20c.db")
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error",
                "-c",
                program,
                url,
                str(tmp_path / ("" if one_machine else str(number))),
            ],
            cwd=tmp_path,
            env={"PYTHONPATH": str(PROJECT)},
        )
        for number in range(2)
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert tables(url) >= TABLES


def test_one_process_migrates_while_the_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def upgrade(_config: object, _revision: str) -> None:
        with (tmp_path / "migrate.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        seen.append("locked")

    seen: list[str] = []
    monkeypatch.setattr(command, "upgrade", upgrade)
    migrate(f"sqlite:///{tmp_path / 'maru.db'}", tmp_path)
    assert seen == ["locked"]


def test_one_machine_migrates_while_the_others_wait(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.empty_database()
    with postgres.connect(url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (TURN,))
        migrating = threading.Thread(target=migrate, args=(url, tmp_path))
        migrating.start()
        deadline = time.monotonic() + 20
        while not other.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        assert tables(url) == set()
        other.execute("SELECT pg_advisory_unlock(%s)", (TURN,))
        migrating.join()
    assert tables(url) >= TABLES


def test_the_alembic_command_works_on_the_configured_database(tmp_path: Path) -> None:
    command_line = [sys.executable, "-m", "alembic", "-c", str(PROJECT / "migrations" / "alembic.ini")]
    environment = {"MARU_DATA": str(tmp_path)}
    subprocess.run([*command_line, "upgrade", "head"], cwd=tmp_path, env=environment, check=True, timeout=60)
    subprocess.run([*command_line, "check"], cwd=tmp_path, env=environment, check=True, timeout=60)
    assert tables(f"sqlite:///{tmp_path / 'maru.db'}") >= TABLES


# --- what cannot be used is one sentence, without the password -------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://maru:hunter2@127.0.0.1:1/maru",
        "postgresql+psycopg://maru@127.0.0.1:1/maru?password=hunter2",
        "postgresql+psycopg://maru:hunter2@127.0.0.1:1/maru?no_such_option=1",
        "postgresql+psycopg://maru:hunter2@no-such-host.invalid/maru",
    ],
)
def test_a_server_that_cannot_be_reached_is_one_sentence_without_the_password(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotOpen) as refused:
        migrate(url, tmp_path)
    sentence = str(refused.value)
    assert sentence.startswith("The database postgresql+psycopg://maru")
    assert "cannot be used: " in sentence
    assert "hunter2" not in sentence
    assert "\n" not in sentence


def test_a_database_that_does_not_exist_is_named(postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match='database "nowhere" does not exist'):
        migrate(postgres.url("nowhere"), tmp_path)


def test_a_database_that_cannot_hold_hangul_is_refused(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.empty_database(more="ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(CannotOpen, match="must be made with the encoding UTF8, not LATIN1"):
        migrate(url, tmp_path)
    assert tables(url) == set()


def test_a_wrong_setting_ends_the_start_with_that_sentence_and_nothing_else(tmp_path: Path) -> None:
    environment = {
        **os.environ, "MARU_DATA": str(tmp_path / "data"), "PORT": "0",
        "DATABASE_URL": "postgresql://maru:hunter2@127.0.0.1:1/maru",
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "wsgi.py", "serve"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("The database postgresql+psycopg://maru:***@127.0.0.1:1/maru cannot be used: ")
    assert "hunter2" not in ended.stderr + ended.stdout
