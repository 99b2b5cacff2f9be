"""The Valkey server that Maru brings along, for one machine: one for all processes of a data folder.

Who holds the lock `valkey.lock` owns it: starts it, restarts it when it dies, stops it. Nothing in it must survive
(ARCHITECTURE, "Redis is a hint"), so nothing is ever saved.
"""

import fcntl
import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from app.bus.valkey_process import (
    START_SECONDS,
    ValkeyNotStarted,
    answers,
    end,
    run_server,
    shut_down_leftover,
    socket_path,
)

__all__ = ["EmbeddedValkey", "ValkeyNotStarted"]

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5  # before the second restart in a row; doubles up to the longest
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # after that long a crash counts as the first again


class EmbeddedValkey:
    """One Valkey on a unix socket of the data folder, shared by every process of that folder.

    Call `start` and `ensure_running` in a thread that lives as long as the process, in practice the main one: the
    kernel kills the server when the *thread* that started it ends. Greenlets of it may call at the same time.
    """

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder.absolute()
        self._socket_path = socket_path(self._folder)
        self._monotonic = monotonic
        self._one_at_a_time = threading.Lock()
        self._wanted = False
        self._lock: int | None = None  # the descriptor that holds the folder's lock, while we are the owner
        self._server: subprocess.Popen[bytes] | None = None
        self._started_at = float("-inf")
        self._pause = 0.0  # seconds to let pass between the last start and the next

    @property
    def url(self) -> str:
        """What `redis.Redis.from_url` takes. The same for every process of the folder."""
        return f"unix://{quote(str(self._socket_path))}"

    def start(self) -> None:
        """Return when the folder's server answers: another process's if one owns it, otherwise our own.

        Raises ValkeyNotStarted.
        """
        with self._one_at_a_time:
            self._wanted = True
            if self._wait_to_own():
                self._launch()

    def ensure_running(self) -> None:
        """Put right what died: our server, or the process that owned it. Cheap; call it every second or so.

        Waits only while a server starts (milliseconds). A server that keeps dying is started more and more rarely.
        Raises nothing for a server that does not start: without it Maru is slower, not wrong. The log says so.
        """
        with self._one_at_a_time:
            if not self._wanted or self._is_running() or not self._may_start_again():
                return
            try:
                if self._own():
                    log.warning("The embedded Valkey is gone: starting it again")
                    self._launch()
            except ValkeyNotStarted as failure:
                log.error("%s", failure)

    def stop(self) -> None:
        """End our server and give up the lock. Another owner's server is left alone. May be called twice."""
        with self._one_at_a_time:
            self._wanted = False
            if self._server is not None:
                end(self._server)
                self._server = None
                self._socket_path.unlink(missing_ok=True)
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _wait_to_own(self) -> bool:
        """True when the lock is ours; False as soon as its owner's server answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self._own():
            if answers(self._socket_path):
                return False
            if time.monotonic() > deadline:
                raise ValkeyNotStarted(
                    f"Another process holds {self._folder / 'valkey.lock'}, but its Valkey does not answer."
                )
            time.sleep(0.02)
        return True

    def _own(self) -> bool:
        """Whether the folder's lock is ours, from before or from now on. The kernel frees a dead owner's."""
        if self._lock is not None:
            return True
        path = self._folder / "valkey.lock"
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ValkeyNotStarted(f"{path} cannot be opened: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None and self._socket_path.exists()

    def _may_start_again(self) -> bool:
        """Whether the pause since our last start is over; every start in a row doubles it."""
        ran = self._monotonic() - self._started_at
        if ran < self._pause:
            return False
        doubled = 0.0 if ran > STEADY_SECONDS else self._pause * 2
        self._pause = min(max(FIRST_PAUSE_SECONDS, doubled), LONGEST_PAUSE_SECONDS)
        return True

    def _launch(self) -> None:
        self._started_at = self._monotonic()
        if self._server is not None:
            end(self._server)  # it may live on without its socket file
        shut_down_leftover(self._socket_path)
        self._server = run_server(self._folder, self._socket_path)
