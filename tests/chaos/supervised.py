"""Everything that an operator of one machine runs: a supervisor's workers behind the nginx of deploy/nginx.conf, with
PostgreSQL beside the message store. A place is one worker, reached through nginx by its name.
"""

import asyncio
import os
import re
import signal
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.chaos.cluster import GRACE_SECONDS, LAUNCHER, PATIENCE_SECONDS, Cluster, lives
from tests.flows.nginx import Nginx
from tests.flows.valkey import Valkey
from tests.line import Line
from tests.postgres import NOT_FOUND, Postgres, find_postgres
from tests.serving import Server

NAME = "a"
LOOK_SECONDS = 0.05
AGAIN_SECONDS = 0.5
NO_SUCCESSOR = "has no successor"
_SERVES = re.compile(r"worker (\d+) serves as process (\d+)")

SHIM = """import runpy, sys
from pathlib import Path
product = Path(__file__).with_name("product.py")
if sys.argv[1:2] == ["worker"]:
    runpy.run_path({launcher!r})["begin"](product, Path({armed!r} + sys.argv[2]))
else:
    runpy.run_path(str(product), run_name="__main__")
"""


class Worker:
    """One place of the supervisor: whatever process serves there at the moment."""

    def __init__(self, number: int, cluster: "Supervised", to_valkey: Line) -> None:
        self.name = f"{NAME}-{number}"
        self.number = number
        self.armed = cluster.folder / f"armed-{number}"
        self.to_valkey = to_valkey
        self.line = Line(cluster.nginx.port)
        self._cluster = cluster
        self._killed = 0

    @property
    def url(self) -> str:
        """Through the line, nginx, and the worker's own path."""
        return f"https://127.0.0.1:{self.line.port}/s/{self.name}"

    @property
    def pid(self) -> int:
        """Of the process that serves here, or served here last."""
        found = [int(pid) for number, pid in _SERVES.findall(self._cluster.log) if int(number) == self.number]
        return found[-1] if found else 0

    @property
    def alive(self) -> bool:
        return lives(self.pid)

    def kill9(self) -> None:
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def start(self) -> None:
        """Nobody but the supervisor does: wait until it did."""
        await self._cluster.until(lambda: self.alive, f"{self.name} serves again")


class Supervised(Cluster):
    """`kill_all` and `stop_all` are about the supervisor as well."""

    def __init__(self, folder: Path, workers: int, program: Path) -> None:
        """`program`: a copy of the product, into which the failpoints are put."""
        programs = find_postgres()
        assert programs is not None, NOT_FOUND
        self.folder = folder
        self.valkey = Valkey(folder / "valkey")
        self.postgres = Postgres(programs)
        self._put_failpoints(program)
        to_valkey = Line(self.valkey.socket, folder / "v.sock")
        self.lines_to_valkey = [to_valkey]
        env = {
            "MARU_WORKERS": str(workers), "MARU_SERVER_ID": NAME, "MARU_DATA": str(folder / "data"),
            "REDIS_URL": to_valkey.url, "DATABASE_URL": self.postgres.empty_database(), "MARU_HANDSHAKES": "10000",
        }  # fmt: skip
        self.server = Server(folder / "supervisor", env, [sys.executable, str(program / "wsgi.py"), "serve"])
        ports = {f"{NAME}-{place}": self.server.port + place for place in range(1, workers + 1)}
        self.nginx = Nginx(folder / "nginx", [self.server.port], ports)
        self.workers = [Worker(number, self, to_valkey) for number in range(1, workers + 1)]
        self.places = self.workers  # type: ignore[assignment]

    def _put_failpoints(self, program: Path) -> None:
        """The supervisor starts its workers by `wsgi.py`, so that is what has to be another."""
        (program / "wsgi.py").rename(program / "product.py")
        shim = SHIM.format(launcher=str(LAUNCHER), armed=str(self.folder / "armed-"))
        (program / "wsgi.py").write_text(shim)

    @property
    def trust(self) -> ssl.SSLContext:
        return self.nginx.trust

    @property
    def log(self) -> str:
        return self.server.log

    def dead(self) -> list[str]:
        """Workers come back by themselves."""
        return [] if lives(self.server.pid) else ["supervisor"]

    def logs(self) -> dict[str, str]:
        """One for all: workers write where their supervisor does."""
        return {"supervisor": self.log}

    async def start(self) -> None:
        await asyncio.to_thread(self.valkey.start)
        await self.lines_to_valkey[0].start()
        await self.start_all()
        await asyncio.to_thread(self.nginx.start)
        for worker in self.workers:
            await worker.line.start()

    async def start_all(self) -> None:
        """Return when every worker serves. It ends when PostgreSQL is away; systemd would start it again."""
        before = {worker.number: worker.pid for worker in self.workers}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                await asyncio.to_thread(self.server.start, PATIENCE_SECONDS)
                break
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)
        await self._until_new(before)

    async def _until_new(self, before: dict[int, int]) -> None:
        await self.until(lambda: self._all_new(before), "all workers serve")

    def _all_new(self, before: dict[int, int]) -> bool:
        return all(worker.alive and worker.pid != before[worker.number] for worker in self.workers)

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Raises RuntimeError when it does not, however slow the machine."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not within {PATIENCE_SECONDS} s: {what}\n{self.log[-2000:]}")
            await asyncio.sleep(LOOK_SECONDS)

    async def kill_all(self) -> None:
        """The supervisor first, or it would start workers anew."""
        pids = [worker.pid for worker in self.workers]
        self.server.kill9()
        for pid in {*pids, *self._strays()}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await self._until_nobody_is_left()
        await asyncio.sleep(GRACE_SECONDS)

    async def stop_all(self) -> None:
        await asyncio.to_thread(self.server.stop, PATIENCE_SECONDS)
        await self._until_nobody_is_left()
        await asyncio.sleep(GRACE_SECONDS)

    async def kill_supervisor(self) -> None:
        """Its workers notice, answer what was said to them, and go."""
        self.server.kill9()
        await self._until_nobody_is_left()

    async def _until_nobody_is_left(self) -> None:
        """Whoever still listens would keep the ports."""
        await self.until(lambda: not any(map(lives, self._strays())), "all workers are gone")

    def _strays(self) -> list[int]:
        """Processes that run this program, whoever started them."""
        return [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit() and self._runs_ours(folder) and int(folder.name) != self.server.pid
        ]

    def _runs_ours(self, folder: Path) -> bool:
        try:
            return (
                str(self.folder).encode() in (folder / "cmdline").read_bytes()
                and b"wsgi.py" in (folder / "cmdline").read_bytes()
            )
        except OSError:
            return False

    async def roll(self) -> None:
        """SIGHUP: every worker is exchanged for a new one while people talk. An exchange ends when a new worker cannot
        begin, as without PostgreSQL: then it is asked for once more, as an operator would."""
        before = {worker.number: worker.pid for worker in self.workers}
        failures = self.log.count(NO_SUCCESSOR)
        self.server.signal(signal.SIGHUP)

        def is_over() -> bool:
            nonlocal failures
            if self.log.count(NO_SUCCESSOR) > failures:
                failures = self.log.count(NO_SUCCESSOR)
                self.server.signal(signal.SIGHUP)
            return self._all_new(before)

        await self.until(is_over, "all workers are exchanged")

    async def heal(self) -> None:
        for worker in self.workers:
            worker.armed.unlink(missing_ok=True)
            worker.line.heal()
            worker.to_valkey.heal()
            worker.signal(signal.SIGCONT)
        if not lives(self.server.pid):
            await self.start_all()
        for worker in self.workers:
            await worker.start()

    async def close(self) -> None:
        for worker in self.workers:
            await worker.line.close()
        await self.kill_all()
        await self.lines_to_valkey[0].close()
        self.nginx.kill9()
        self.valkey.kill9()
        self.postgres.remove()
