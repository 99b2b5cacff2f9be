"""The servers of a run: several on one data folder with a Valkey between them, each behind a line of its own."""

import asyncio
import importlib.util
import shutil
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.flows.valkey import Valkey
from tests.line import Line
from tests.serving import PROJECT, Server

LAUNCHER = Path(__file__).with_name("launch.py")
PATIENCE_SECONDS = 180.0  # for a server to start or to stop: a machine busy with other things proves nothing
GRACE_SECONDS = 0.5  # for clients to take in what a server said before it was killed


class Place:
    """One server: its process, the line that clients take to it, and its own line to Valkey."""

    def __init__(self, number: int, folder: Path, valkey: Path, program: Path, *, faked: bool) -> None:
        self.name = f"server-{number}"
        own = folder / self.name
        own.mkdir(parents=True, exist_ok=True)
        self.armed = own / "armed"
        self.clock = own / "clock"
        self.clock.write_text("+0")
        self.to_valkey = Line(valkey, folder / f"v{number}.sock")
        command = [sys.executable, str(LAUNCHER), str(program), str(self.armed), "serve"]
        env = {
            "REDIS_URL": self.to_valkey.url, "MARU_DATA": str(folder / "data"), "MARU_HANDSHAKES": "10000",
            **(faked_time(self.clock) if faked else {}),
        }  # fmt: skip
        self.server = Server(own, env, command)
        self.line = Line(self.server.port)

    async def start(self) -> None:
        """Return when it answers."""
        await asyncio.to_thread(self.server.start, PATIENCE_SECONDS)

    async def stop(self) -> None:
        """In order, as a rolling restart does."""
        await asyncio.to_thread(self.server.stop, PATIENCE_SECONDS)

    def kill9(self) -> None:
        self.server.kill9()

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return self.line.url

    @property
    def pid(self) -> int:
        return self.server.pid

    @property
    def alive(self) -> bool:
        return lives(self.pid)

    def signal(self, number: int) -> None:
        self.server.signal(number)


class Cluster:
    """Several servers on one machine. `async with running(Cluster(...)) as cluster`."""

    _valkeys = 1

    def __init__(self, folder: Path, servers: int, program: Path = PROJECT, *, faked: bool = False) -> None:
        """`program`: the folder of the wsgi.py to run, this project's or a copy with a bug in it. `faked`: the first
        server's wall clock can be set, which makes all it does slower."""
        self.folder = folder
        self.valkey = Valkey(folder / "valkey")
        socket = folder / "valkey" / "v.sock"
        self.places = [
            Place(number, folder, socket, program, faked=faked and number == 0) for number in range(servers)
        ]
        self.lines_to_valkey = [place.to_valkey for place in self.places]

    @property
    def trust(self) -> ssl.SSLContext | None:
        """Whose certificates clients believe."""
        return None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def store(self) -> Path:
        return self.data / "store"

    async def start(self) -> None:
        await asyncio.to_thread(self.valkey.start)
        for place in self.places:
            await place.to_valkey.start()
            await place.start()
            await place.line.start()

    async def kill_all(self) -> None:
        """All servers at once, as a power cut does; what they had said before still arrives."""
        for place in self.places:
            place.kill9()
        await asyncio.sleep(GRACE_SECONDS)

    async def stop_all(self) -> None:
        """All servers in order, each answering what was said to it."""
        await asyncio.gather(*(place.stop() for place in self.places))
        await asyncio.sleep(GRACE_SECONDS)

    async def start_all(self) -> None:
        await asyncio.gather(*(place.start() for place in self.places))

    async def roll(self) -> None:
        """One server after the other is stopped in order and started again."""
        for place in self.places:
            await place.stop()
            await place.start()

    async def heal(self) -> None:
        """Everything runs and every line behaves."""
        for place in self.places:
            place.armed.unlink(missing_ok=True)
            place.line.heal()
            place.to_valkey.heal()
            if place.alive:
                place.signal(signal.SIGCONT)
            else:
                await place.start()

    def dead(self) -> list[str]:
        """Which servers are not there."""
        return [place.name for place in self.places if not place.alive]

    def logs(self) -> dict[str, str]:
        """What each server has written so far."""
        return {place.name: place.server.log for place in self.places}

    def copy_store(self, to: Path) -> None:
        """Only while no server runs."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.store, to)

    def restore_store(self, copy: Path) -> None:
        """Only while no server runs. What is noted beside the store stays, as it does in a backup of its own."""
        shutil.rmtree(self.store)
        shutil.copytree(copy, self.store)

    def back_up(self, to: Path) -> None:
        """A copy of the whole data folder, as README.md tells how to. Only while no server runs."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.data, to)

    def put_back(self, copy: Path) -> None:
        """The same copy in place of the folder, without the note of how far the history came. Likewise."""
        shutil.rmtree(self.data)
        shutil.copytree(copy, self.data)
        (self.data / "store.high-water").unlink()

    def another_valkey(self) -> Valkey:
        """Running, empty, and nobody's yet."""
        self._valkeys += 1
        made = Valkey(self.folder / f"valkey-{self._valkeys}")
        made.start()
        return made

    async def close(self) -> None:
        for place in self.places:
            await place.line.close()
            place.kill9()
            await place.to_valkey.close()
        self.valkey.kill9()


@asynccontextmanager
async def running(cluster: Cluster) -> AsyncIterator[Cluster]:
    """For the length of a block."""
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.close()


def faked_time(file: Path) -> dict[str, str]:
    """The environment in which a process's wall clock is off by what the file says, within a second of its being
    written; its durations stay true. (Looking into the file at every call made a request 30 times as dear.)"""
    package = importlib.util.find_spec("libfaketime")
    assert package is not None
    assert package.origin is not None
    library = Path(package.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return {
        "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def lives(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
