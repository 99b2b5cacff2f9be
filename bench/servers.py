"""The load generator, and the C program that shows its own limit."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.peer import LOAD_CORE, RESULTS, Kind, Peer, Seat, Target, running
from bench.peers.maru import Maru
from tests.serving import free_port

BUILT = RESULTS / "built"
SOURCES = Path(__file__).parent / "load"
COMPILE = ["-O2", "-Wall", "-Wextra", "-Wno-format-truncation"]

Result = dict[str, Any]
"""What the load generator printed for one measurement (load.c)."""


class Failed(Exception):
    """The server did not bear the measurement; why."""


def build() -> None:
    """Compile the load generator and the ceiling."""
    if shutil.which("gcc") is None or shutil.which("taskset") is None:
        raise SystemExit(
            "make bench needs gcc with the C library's headers, and taskset (apt-get install gcc libc6-dev)."
        )
    BUILT.mkdir(parents=True, exist_ok=True)
    for name in ("load", "ceiling"):
        subprocess.run(["gcc", *COMPILE, "-o", BUILT / name, SOURCES / f"{name}.c"], check=True)


class Ceiling(Peer):
    """Speaks Maru's language, stores nothing, and takes the channel from the token."""

    name = "ceiling"
    title = "C program"
    lacks = "everything"

    def prepare(self) -> dict[str, str]:
        return {}

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        port = free_port()
        with running([BUILT / "ceiling", str(port)], port, folder) as process:
            yield Target(port, (process.pid,))

    def dialect(self, kind: Kind) -> str:
        return Maru().dialect(kind)

    def seat(self, folder: Path, number: int, kind: Kind) -> Seat:
        channel = "a" * 16 if kind == "group" else f"{number // 2 + 1:016x}"
        return Seat(f"person{number}", f"x:{channel}", channel)


def load(target: Target, dialect: Path, people: Path, mode: str, **options: float) -> Result:
    """Run the load generator. Raises Failed."""
    with start_load(target, dialect, people, mode, **options) as process:
        return read_result(process)


def start_load(
    target: Target, dialect: Path, people: Path, mode: str, **options: float
) -> subprocess.Popen[str]:
    command = ["taskset", "-c", LOAD_CORE, str(BUILT / "load"), "127.0.0.1", str(target.port), str(dialect)]
    command += [str(people), mode, f"pid={_listed(target.pids)}"]
    command += [f"beside={_listed(target.beside)}"] if target.beside else []
    command += [f"{name}={value}" for name, value in options.items()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_result(process: subprocess.Popen[str]) -> Result:
    out, complaint = process.communicate()
    if process.returncode:
        raise Failed(complaint.strip() or f"the load generator ended with {process.returncode}")
    result: Result = json.loads(out)
    if result["gaps"] or result["errors"] or result["ended"]:
        result["unclean"] = (
            f"{result['gaps']} gaps, {result['errors']} errors, {result['ended']} ended: {result['first_error']}"
        )
    return result


def _listed(pids: tuple[int, ...]) -> str:
    return ",".join(map(str, pids))
