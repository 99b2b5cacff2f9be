"""A real Maru for tests: `wsgi.py serve` as a process of its own, on its own data folder and port."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

PROJECT = Path(__file__).parents[1]
START_SECONDS = 30
STOP_SECONDS = 20
PORTS_EACH = 2_000  # for a process of the tests


class Server:
    """Starts, stops, kills and starts again; always the same address and the same data."""

    def __init__(
        self, folder: Path, env: Mapping[str, str] | None = None, command: list[str] | None = None
    ) -> None:
        """`env` adds to the settings: sign-up is open and rate limits are off unless it says otherwise. `{port}` in the
        command stands for the port."""
        self.folder = folder
        self.port = free_port(int((env or {}).get("MARU_WORKERS", "0")))
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.base_url}/api/v1"
        self.ws_url = f"ws://127.0.0.1:{self.port}/api/v1/ws"
        self.log_path = folder / "server.log"
        usual = [sys.executable, str(PROJECT / "wsgi.py"), "serve"]
        self._command = [word.format(port=self.port) for word in command or usual]
        generous = {"MARU_SIGNUP": "open", "MARU_RATE_LIMITS": "off", "MARU_HANDSHAKES": "100000"}
        self._env = {**generous, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """All it has written to stdout and stderr, over all its starts."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self, patience: float = START_SECONDS) -> None:
        """Return when it answers, within so many seconds. Raises RuntimeError with its log when it does not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MARU_")},
            "PORT": str(self.port),
            "MARU_DATA": str(self.folder / "data"),
            **self._env,
        }
        if self._process is not None:
            self._process.wait(STOP_SECONDS)  # one that ended by itself may take a moment more
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=PROJECT, env=env, stdout=log, stderr=log)
        deadline = time.monotonic() + patience
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill9()
                raise RuntimeError(f"the server did not start:\n{self.log}")
            time.sleep(0.05)

    def stop(self, patience: float = STOP_SECONDS) -> int | None:
        """Ask it to stop, as Ctrl-C does, and wait so many seconds at most. Its exit status."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise RuntimeError(f"the server did not stop:\n{self.log}") from None

    def kill9(self) -> None:
        """End it as a power cut would end it, as far as a process can."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def children(self) -> list[int]:
        """The processes of its workers, if it supervises any; its Valkey is none of them."""
        pids = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in pids if "wsgi.py" in _command(pid)]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _command(pid: str) -> str:
    """Empty when there is no such process any more."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except (ConnectionRefusedError, ConnectionResetError):  # the latter from one that is being killed
        return False
    return True


def free_port(following: int = 0) -> int:
    """A port that nobody listens on now, nor on so many that follow it.

    It stays free while its server is down: the system gives none of these to outgoing connections or to who asks
    for any port, and tests that run beside this one draw from other ones.
    """
    while True:
        port = random.choice(_OWN_PORTS)
        with ExitStack() as stack, suppress(OSError):
            for number in range(port, port + 1 + following):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            return port


def _own_ports() -> range:
    """Below those that the system gives away, a share for each process of the tests."""
    place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 11_000 + place % 10 * PORTS_EACH
    return range(first, first + PORTS_EACH - 10)


_OWN_PORTS = _own_ports()
