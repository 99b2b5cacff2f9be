"""Real processes that share a job: one is killed, or stopped for a while, and nothing is skipped."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.core.migrate import PROJECT

DEADLINE_SECONDS = 60.0
PAGES = 120


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("begun", "done"):
        (tmp_path / name).touch()
    return tmp_path


@contextmanager
def working(url: str, folder: Path, name: str, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.jobs.working", url, str(folder), name, str(seconds), str(PAGES)]
    with subprocess.Popen(command, cwd=PROJECT) as process:
        try:
            yield process
        finally:
            process.kill()


def noted(folder: Path, name: str) -> list[tuple[str, int]]:
    lines = (folder / name).read_text().split("\n")[:-1]
    return [(who, int(page)) for who, page in (line.split() for line in lines)]


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.005)


def cursor(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT cursor FROM jobs"))
    engine.dispose()
    return int(found or 0)


def require_nothing_skipped(folder: Path) -> None:
    """Each page follows the one before, or is done again."""
    pages = [page for _, page in noted(folder, "done")]
    assert pages[0] == 1
    assert pages[-1] == PAGES
    assert all(after <= before + 1 for before, after in pairwise(pages))


def test_when_the_one_that_works_is_killed_another_goes_on_where_it_stopped(
    database_url: str, folder: Path
) -> None:
    with working(database_url, folder, "one", 0.005) as one:
        wait_until(lambda: noted(folder, "done"))
        with working(database_url, folder, "other", 0.005):
            wait_until(lambda: len(noted(folder, "done")) >= 20)
            one.kill()
            one.wait()
            last = noted(folder, "done")[-1][1]
            wait_until(lambda: cursor(database_url) == PAGES)
    done = noted(folder, "done")
    require_nothing_skipped(folder)
    others = [page for who, page in done if who == "other"]
    assert others == list(range(others[0], PAGES + 1))
    assert others[0] in (last, last + 1)


def test_one_that_was_stopped_in_a_page_cannot_move_the_cursor_when_it_goes_on(
    postgresql_url: str, folder: Path
) -> None:
    """Not with SQLite, where whoever is stopped while it writes keeps everybody from writing."""
    url = postgresql_url
    with working(url, folder, "stopped", 0.3) as stopped:
        wait_until(lambda: len(noted(folder, "begun")) == 3)
        stopped.send_signal(signal.SIGSTOP)  # most likely it sleeps, in its third page
        with working(url, folder, "other", 0.005):
            wait_until(lambda: len(noted(folder, "done")) >= 20)
            at_hand = [page for who, page in noted(folder, "begun") if who == "stopped"][-1]
            stopped.send_signal(signal.SIGCONT)
            wait_until(lambda: noted(folder, "done").count(("stopped", at_hand)))
            wait_until(lambda: cursor(url) == PAGES)
    done = noted(folder, "done")
    others = [page for who, page in done if who == "other"]
    assert others == list(range(others[0], PAGES + 1))
    assert others[0] in (at_hand, at_hand + 1)
    assert [page for who, page in done if who == "stopped"] == list(range(1, at_hand + 1))
    assert cursor(url) == PAGES
