"""Starts a Maru that can be made to fail at each step of a commit. The product knows nothing of it: methods are
wrapped here, from outside, before its server begins.

`python launch.py FOLDER_OF_WSGI ARMED_FILE serve`: when ARMED_FILE appears, holding a point and what to do there, the
next commit that gets to the point does it, once.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

POINTS = ("before-sync", "after-sync", "before-answer", "before-hint")
LAST_MOMENTS_SECONDS = 0.3  # before it dies: an answer that was given too early gets out


class Failpoint:
    """Armed by a file, so that a test arms a running process."""

    def __init__(self, armed: Path, sleep: Callable[[float], None]) -> None:
        self._armed = armed
        self._sleep = sleep

    def reach(self, point: str) -> None:
        """Does what the file says of this point, and forgets it. Raises OSError when it is to fail."""
        try:
            wanted, deed = self._armed.read_text().split()
        except (FileNotFoundError, ValueError):
            return
        if wanted != point:
            return
        try:
            self._armed.unlink()
        except FileNotFoundError:
            return  # given up in this moment
        if deed == "die":
            self._sleep(LAST_MOMENTS_SECONDS)
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(f"made to fail at {point}")


def wrap(failpoint: Failpoint) -> None:
    """Put the failpoint into each step from the transaction to the hint."""
    from app.inbox.hints import Hints
    from app.store.committer import GroupCommitter
    from app.store.lmdb_keyspace import LmdbKeyspace

    writing = LmdbKeyspace.writing

    @contextmanager
    def failing(self: LmdbKeyspace) -> Iterator[Any]:
        with writing(self) as rows:
            yield rows
            failpoint.reach("before-sync")
        failpoint.reach("after-sync")

    LmdbKeyspace.writing = failing  # type: ignore[assignment,method-assign]
    _before(GroupCommitter, "_deliver", lambda: failpoint.reach("before-answer"))
    _before(Hints, "_publish", lambda: failpoint.reach("before-hint"))


def _before(owner: type, name: str, work: Callable[[], None]) -> None:
    original = getattr(owner, name)

    def wrapped(self: Any) -> None:
        work()
        original(self)

    setattr(owner, name, wrapped)


def main(program: Path, armed: Path, arguments: list[str]) -> None:
    sys.path[0] = str(program)
    sys.argv = [str(program / "wsgi.py"), *arguments]
    begin(program / "wsgi.py", armed)


def begin(program: Path, armed: Path) -> None:
    """Run it with the arguments that there are, failpoints in place."""
    from gevent import monkey

    monkey.patch_all()
    wrap(Failpoint(armed, monkey.get_original("time", "sleep")))
    runpy.run_path(str(program), run_name="__main__")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
