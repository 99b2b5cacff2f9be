"""A real PostgreSQL for tests: a cluster of its own in a folder of its own, reached by a unix socket."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app.core.migrate import migrate

TEMPLATE = "template_of_tests"
OWNER = "maru"
KOREAN = "LOCALE_PROVIDER icu ICU_LOCALE 'ko'"  # sorts as people do, which nothing may depend on
NOT_FOUND = "These tests need PostgreSQL: `apt-get install postgresql`."
_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "shared_buffers=16MB",
)


def find_postgres() -> Path | None:
    """The folder of PostgreSQL's programs; Debian has them beside the path, one folder a version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("postgres")
    return versions[-1] if versions else Path(on_path).resolve().parent if on_path else None


class Postgres:
    """Starts, stops and starts again; always the same address and the same databases.

    PostgreSQL refuses to be run by root: then it is the user `postgres`, whom Debian's package makes.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="maru-postgres-"))
        self._user = "postgres" if os.getuid() == 0 else None
        self._numbers = itertools.count(1)
        self._free: list[str] = []
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run(
            "initdb", "-D", self._data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Return when it answers."""
        settings = [part for setting in _FAST for part in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self._folder, *settings],
                user=self._user, group=self._user, extra_groups=[] if self._user else None, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def stop(self, how: int = signal.SIGINT) -> None:
        """Ends every connection and transaction at once (SIGINT: PostgreSQL's "fast" shutdown)."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(30)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)  # without writing down what nobody will read
        shutil.rmtree(self._folder)

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    @contextmanager
    def database(self) -> Iterator[str]:
        """The SQLAlchemy URL of a database with Maru's tables, and nothing in them. Used again afterwards: making one
        takes longer than emptying it, and 8 MB."""
        url = self._free.pop() if self._free else self._make()
        yield url
        with self.connect(url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            tables = connection.execute(
                "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'alembic_version'"
            ).fetchone()
            assert tables is not None
            connection.execute(f"TRUNCATE {tables[0]} RESTART IDENTITY")  # type: ignore[call-overload]
        self._free.append(url)

    def _make(self) -> str:
        if not self._exists(TEMPLATE):
            self.empty_database(name=TEMPLATE)
            migrate(self.url(TEMPLATE), self._folder)
        return self.empty_database(TEMPLATE, more="")

    def empty_database(self, template: str = "template0", more: str = KOREAN, name: str | None = None) -> str:
        """The SQLAlchemy URL of a new database."""
        name = name or f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} {more}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self._folder}"

    def connect(self, url: str) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the test's own; every statement is a transaction unless it says BEGIN."""
        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def execute(self, statement: str) -> None:
        with self.connect(self.url("postgres")) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _exists(self, name: str) -> bool:
        with self.connect(self.url("postgres")) as connection:
            return bool(
                connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            )

    def _answers(self) -> bool:
        try:
            self.connect(self.url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._programs / program, *arguments], check=True, capture_output=True, cwd=self._folder,
            user=self._user, group=self._user, extra_groups=[] if self._user else None,
        )  # fmt: skip
