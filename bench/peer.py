"""What Maru is measured beside: the shape of a file in bench/peers, and how its processes are run.

A further peer is one file there that ends with `PEER = …`: see docs/benchmarks.md.
"""

import hmac
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal

from app.bus.valkey_process import answers, binary, settings
from tests.serving import PROJECT, listens

SERVER_CORE, LOAD_CORE = "0", "1"
FOLDER = Path(__file__).parent / "peers"
PROGRAMS = FOLDER / "programs"
RESULTS = Path(__file__).parent / "results"
START_SECONDS = 60
STOP_SECONDS = 10

Kind = Literal["group", "direct"]
"""Everybody in one channel, or neighbours (0 and 1, 2 and 3, …) in one of their own."""


class Unavailable(Exception):
    """This peer cannot be set up on this machine; the reason goes into the table."""


@dataclass(frozen=True)
class Target:
    """Where the load goes, and whose CPU and memory are watched: the server's, and its Redis' beside it."""

    port: int
    pids: tuple[int, ...]
    beside: tuple[int, ...] = ()


@dataclass(frozen=True)
class Seat:
    """How one person is known to the server: what a dialect's {user}, {token} and {channel} stand for."""

    user: str
    token: str
    channel: str


class Peer:
    """One server to measure. `lacks`: what of the work Maru does it leaves out, for the table."""

    name: ClassVar[str]
    title: ClassVar[str]
    lacks: ClassVar[str]

    def prepare(self) -> dict[str, str]:
        """Install what is missing; the versions. Raises Unavailable."""
        raise NotImplementedError

    def populate(self, folder: Path, people: int) -> None:
        """Make the accounts and channels of a run, once, in a folder of its own that `serve` gets again."""

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        """Run it on the server's core, its Redis too."""
        raise NotImplementedError

    def dialect(self, kind: Kind) -> str:
        """How to speak to it: see bench/load/dialect.h."""
        raise NotImplementedError

    def seat(self, folder: Path, number: int, kind: Kind) -> Seat:
        """Person `number` of the run."""
        raise NotImplementedError


SECRET = "not much of one"


class SignedPeer(Peer):
    """A server that keeps no accounts: the token says who it is and where they talk, and is signed with SECRET.
    `spoken`: its dialect."""

    spoken: ClassVar[str]

    def dialect(self, kind: Kind) -> str:
        return self.spoken

    def seat(self, folder: Path, number: int, kind: Kind) -> Seat:
        channel = "everybody" if kind == "group" else f"pair{number // 2}"
        claim = f"person{number}:{channel}"
        signature = hmac.new(SECRET.encode(), claim.encode(), sha256).hexdigest()
        return Seat(f"person{number}", f"{claim}:{signature}", channel)


@contextmanager
def running(
    command: Sequence[str | Path],
    port: int,
    folder: Path,
    env: dict[str, str] | None = None,
    seconds: float = START_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """The command on the server's core, from when it listens on the port. Its log is `peer.log` in the folder."""
    with (folder / "peer.log").open("ab") as log:
        process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command],
            cwd=PROJECT, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_until_it_listens(process, port, folder / "peer.log", seconds)
        yield process
    finally:
        end(process)


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Unavailable(f"it does not start: {log.read_text(errors='replace')[-500:].strip()}")
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def redis(folder: Path) -> Iterator[tuple[Path, int]]:
    """A Valkey like Maru's, on the server's core: its socket and its pid."""
    path = folder / "redis.sock"
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, binary(), *settings(folder, path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable("its Redis does not start")
            time.sleep(0.01)
        yield path, process.pid
    finally:
        end(process)


def node_packages(*names: str) -> dict[str, str]:
    """Install bench/peers/package-lock.json, unless that is done; the versions of some of its packages."""
    setup(["deploy/setup/bench.sh", "node"])
    asked = {name: f"require('{FOLDER / 'node_modules' / name / 'package.json'}').version" for name in names}
    return {name: evaluated(script) for name, script in ({"Node": "process.versions.node"} | asked).items()}


def evaluated(script: str) -> str:
    """What Node prints for it."""
    return subprocess.run([node(), "-p", script], capture_output=True, text=True, check=True).stdout.strip()


def node() -> str:
    """The machine's own, or the one that deploy/setup/node.sh put into .venv."""
    own = PROJECT / ".venv/node/node"
    found = str(own) if own.exists() else shutil.which("node")
    if found is None:
        raise Unavailable("there is no Node on this machine")
    return found


def setup(command: list[str]) -> None:
    """Run one of the scripts that install things. Raises Unavailable with what it said."""
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Unavailable((ran.stderr or ran.stdout).strip()[-500:] or f"{command[0]} failed")
