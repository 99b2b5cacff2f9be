"""What is measured: Maru, Maru on stock flask-sock, and the C program that shows the load generator's own limit."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.serving import PROJECT, Server, free_port

SERVER_CORE, LOAD_CORE = "0", "1"
RESULTS = Path(__file__).parent / "results"
BUILT = RESULTS / "built"
SOURCES = Path(__file__).parent / "load"
COMPILE = ["-O2", "-Wall", "-Wextra", "-Wno-format-truncation"]


@dataclass(frozen=True)
class Target:
    """Where the load goes, and whose CPU and memory are watched."""

    port: int
    path: str
    pid: int


def build() -> None:
    """Compile the load generator and the ceiling."""
    if shutil.which("gcc") is None or shutil.which("taskset") is None:
        raise SystemExit(
            "make bench needs gcc with the C library's headers, and taskset (apt-get install gcc libc6-dev)."
        )
    BUILT.mkdir(parents=True, exist_ok=True)
    for name in ("load", "ceiling"):
        subprocess.run(["gcc", *COMPILE, "-o", BUILT / name, SOURCES / f"{name}.c"], check=True)


def populate(folder: Path, people: int) -> None:
    """Make the data folder that every server of the run gets a copy of."""
    subprocess.run([sys.executable, "-m", "bench.populate", folder, str(people)], cwd=PROJECT, check=True)


@contextmanager
def maru(populated: Path) -> Iterator[Target]:
    with _serve(populated, ["wsgi.py", "serve"], "/api/v1/ws") as target:
        yield target


@contextmanager
def stock(populated: Path, *options: str) -> Iterator[Target]:
    with _serve(populated, ["-m", "bench.stock", *options], "/api/v1/ws-as-it-comes") as target:
        yield target


def stock_gathered(populated: Path) -> AbstractContextManager[Target]:
    """Stock flask-sock, with the messages of one commit in one frame."""
    return stock(populated, "gathered")


@contextmanager
def _serve(populated: Path, command: list[str], path: str) -> Iterator[Target]:
    folder = populated.parent / "served"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(populated, folder / "data", ignore=shutil.ignore_patterns("valkey*"))
    server = Server(folder, command=["taskset", "-c", SERVER_CORE, sys.executable, *command])
    try:
        with server:
            yield Target(server.port, path, server.pid)
    finally:
        if "Traceback" in server.log:
            print(server.log[-2_000:], file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def ceiling() -> Iterator[Target]:
    port = free_port()
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, BUILT / "ceiling", str(port)], stdin=subprocess.PIPE
    )
    time.sleep(0.2)
    try:
        yield Target(port, "/", process.pid)
    finally:
        process.communicate()


def load(target: Target, speakers: Path, mode: str, **options: float) -> dict[str, object]:
    """Run the load generator; its one JSON object. `speakers` as load.c describes its PEOPLE."""
    command = [
        BUILT / "load",
        "127.0.0.1",
        str(target.port),
        target.path,
        speakers,
        mode,
        f"pid={target.pid}",
    ]
    command += [f"{name}={value}" for name, value in options.items()]
    ran = subprocess.run(
        ["taskset", "-c", LOAD_CORE, *command], stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(f"the load generator ended with {ran.returncode}: {' '.join(map(str, command))}")
    result: dict[str, object] = json.loads(ran.stdout)
    if result["gaps"] or result["errors"] or result["ended"]:
        print(
            f"  not clean: {result['gaps']} gaps, {result['errors']} errors, {result['ended']} ended: "
            f"{result['first_error']}",
            file=sys.stderr,
        )
    return result
