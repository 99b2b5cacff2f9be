"""The supervisor, with real processes: who is started, told, exchanged and killed, and what it is spared."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.core.supervisor import LONGEST_PAUSE_SECONDS, STEADY_SECONDS, Pause
from tests.serving import PROJECT

DEADLINE_SECONDS = 30.0
SCRIPT = Path(__file__).with_name("supervised.py")


class Happened(NamedTuple):
    place: int
    pid: int
    what: str


class Supervised:
    """A supervisor in a process of its own, and what its workers wrote down."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.process = process

    def behave(self, place: int, behaviour: str) -> None:
        """How the next worker of a place will be."""
        (self.folder / str(place)).write_text(behaviour)

    @property
    def happened(self) -> list[Happened]:
        path = self.folder / "happened"
        words = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [Happened(int(place), int(pid), what) for place, pid, what in words]

    def pids(self, what: str) -> list[int]:
        return [one.pid for one in self.happened if one.what == what]

    def until_served(self, times: int) -> list[int]:
        """The processes that served, once there were so many."""
        until(lambda: len(self.pids("serves")) >= times)
        return self.pids("serves")

    def tell(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit status and what it and its workers said."""
        self.tell(number)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        said = self.process.communicate(timeout=DEADLINE_SECONDS)[0]
        return self.process.returncode, said


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    """Starts a supervisor with so many workers; whatever is left in the end is killed."""
    with supervisors(tmp_path) as start:
        yield start


@contextmanager
def supervisors(folder: Path) -> Iterator[Callable[..., Supervised]]:
    made: list[Supervised] = []

    def start(workers: int, stop_seconds: float = DEADLINE_SECONDS) -> Supervised:
        command = [sys.executable, str(SCRIPT), str(folder), str(workers), str(stop_seconds)]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        process = subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        made.append(Supervised(folder, process))
        return made[-1]

    try:
        yield start
    finally:
        for one in made:
            one.process.kill()
            one.process.communicate()
            for pid in one.pids("serves"):
                until(lambda: not lives(pid))  # noqa: B023  # called at once


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.005)


def lives(pid: int) -> bool:
    """Whether a process does anything yet; one that only waits to be taken note of does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_every_place_has_a_worker_and_all_are_told_to_go(
    start: Callable[..., Supervised], number: signal.Signals
) -> None:
    supervised = start(3)
    supervised.until_served(3)
    assert supervised.end(number)[0] == 0
    assert sorted(one.place for one in supervised.happened if one.what == "serves") == [1, 2, 3]
    assert sorted(one.place for one in supervised.happened if one.what == number.name) == [1, 2, 3]


def test_a_killed_worker_comes_back_and_the_others_notice_nothing(start: Callable[..., Supervised]) -> None:
    supervised = start(2)
    first = supervised.until_served(2)[0]
    os.kill(first, signal.SIGKILL)
    supervised.until_served(3)
    status, _ = supervised.end()
    assert status == 0
    assert [one.place for one in supervised.happened if one.what == "serves"][2] == 1
    assert len(supervised.pids("SIGTERM")) == 2


def test_what_the_first_worker_says_against_the_settings_is_said_once_and_is_the_end(
    start: Callable[..., Supervised], tmp_path: Path
) -> None:
    for place in (1, 2):
        (tmp_path / str(place)).write_text("fail")
    assert start(2).wait() == (1, "This setting makes no sense.\n")
    assert not (tmp_path / "serving").exists()


def test_the_others_begin_only_when_the_first_one_serves(
    start: Callable[..., Supervised], tmp_path: Path
) -> None:
    supervised = start(3)
    supervised.until_served(3)
    assert supervised.happened[0].place == 1
    assert (tmp_path / "serving").exists()
    assert supervised.end()[0] == 0


def test_all_are_exchanged_one_after_the_other_each_after_its_successor_serves(
    start: Callable[..., Supervised],
) -> None:
    supervised = start(2)
    old = supervised.until_served(2)
    supervised.tell(signal.SIGHUP)
    until(lambda: len(supervised.pids("SIGTERM")) == 2)
    assert [(one.place, one.what) for one in supervised.happened[2:]] == [
        (1, "serves"), (1, "SIGTERM"), (2, "serves"), (2, "SIGTERM"),
    ]  # fmt: skip
    assert set(supervised.pids("SIGTERM")) == set(old)
    assert supervised.end()[0] == 0


def test_a_successor_that_cannot_serve_leaves_everybody_in_place(start: Callable[..., Supervised]) -> None:
    supervised = start(2)
    old = supervised.until_served(2)
    supervised.behave(1, "fail")
    supervised.tell(signal.SIGHUP)
    until(lambda: supervised.pids("fails"))
    until(lambda: has_settled(supervised))
    assert [one.what for one in supervised.happened] == ["serves", "serves", "fails"]
    supervised.behave(1, "serve")
    supervised.tell(signal.SIGHUP)  # and the next time all goes well
    until(lambda: set(supervised.pids("SIGTERM")) == set(old))
    assert supervised.end()[0] == 0


def has_settled(supervised: Supervised) -> bool:
    """Whether there are two workers, and one more look at everything changed nothing about that."""
    seen = (supervised.folder / "looked").read_text()
    until(lambda: (supervised.folder / "looked").read_text() != seen)
    children = Path(f"/proc/{supervised.process.pid}/task/{supervised.process.pid}/children").read_text()
    return len(children.split()) == 2


def test_a_worker_that_does_not_go_is_killed(start: Callable[..., Supervised]) -> None:
    supervised = start(1, stop_seconds=0.1)
    supervised.behave(1, "deaf")
    (pid,) = supervised.until_served(1)
    assert supervised.end()[0] == 0
    assert supervised.pids("SIGTERM") == [pid]
    assert not lives(pid)


def test_workers_whose_supervisor_was_killed_end_by_themselves(start: Callable[..., Supervised]) -> None:
    supervised = start(2)
    pids = supervised.until_served(2)
    assert supervised.end(signal.SIGKILL)[0] == -signal.SIGKILL
    until(lambda: not any(map(lives, pids)))
    assert set(supervised.pids("alone")) == set(pids)


def test_when_its_terminal_is_closed_all_stop(tmp_path: Path) -> None:
    """That sends SIGHUP too, which otherwise exchanges all workers."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(tmp_path), "2", str(DEADLINE_SECONDS)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)}, stdin=theirs, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # no threads here
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    supervised = Supervised(tmp_path, process)
    os.close(theirs)
    pids = supervised.until_served(2)
    os.close(ours)
    assert supervised.wait()[0] == 0
    assert set(supervised.pids("SIGTERM")) == set(pids)


def test_told_to_stop_before_anything_serves_it_stops(start: Callable[..., Supervised]) -> None:
    supervised = start(2)
    until(lambda: (supervised.folder / "looked").exists())
    assert supervised.end()[0] == 0
    assert len(supervised.pids("serves")) <= 1


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_who_ends_again_and_again_is_started_more_and_more_seldom() -> None:
    clock = Clock()
    pause = Pause(clock)
    assert pause.is_over
    seconds = [pause.begin(clock.now) for _ in range(8)]
    assert seconds == [0.5, 1, 2, 4, 8, 16, 30, LONGEST_PAUSE_SECONDS]
    assert not pause.is_over
    clock.now += LONGEST_PAUSE_SECONDS
    assert pause.is_over


def test_who_ends_after_a_steady_time_is_started_soon() -> None:
    clock = Clock()
    pause = Pause(clock)
    for _ in range(5):
        pause.begin(clock.now)
    clock.now += STEADY_SECONDS + 1
    assert pause.begin(clock.now - STEADY_SECONDS - 1) == 0.5


def test_nothing_that_supervises_knows_gevent() -> None:
    """It would see every signal and child of the process."""
    look = "import sys, wsgi, app.supervising; sys.exit('gevent' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], cwd=PROJECT, check=False).returncode == 0
