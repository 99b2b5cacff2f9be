"""From starting the process to its first answer, and from signing in to the first messages."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.workloads.caller import Caller, catch_up
from bench.workloads.plan import PASSWORD, Plan, Town, settled
from bench.workloads.served import CALM, SERVER_CORE
from bench.workloads.shape import Options, Table, number
from bench.workloads.usage import cpu_of, forget_files
from tests.serving import PROJECT, free_port

LOOK_SECONDS = 0.002
READY_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Start:
    """Seconds from the process's start; `cpu` of it until it was ready."""

    ready: float
    cpu: float
    signed_in: float
    live: float
    shown: float


def measured(folder: Path, town: Town, options: Options) -> Table:
    """With the store of the folder, and with an empty one."""
    empty = folder / "empty" / "data"
    nothing = settled(empty, Plan(2, [[0, 1]], passwords=1))
    rows, figures = [], {}
    for store, data, people in (("empty", empty, nothing), ("full", folder / "data", town)):
        for cache in ("cold", "warm"):
            starts = [one_start(data, people, cold=cache == "cold") for _ in range(options.size(3, 1))]
            rows.append(row(store, cache, starts))
            figures[f"start.{store}.{cache}.ready_s"] = statistics.median(start.ready for start in starts)
    columns = [
        "store",
        "kernel's cache",
        "to /readyz, s",
        "CPU, s",
        "signed in after, ms",
        "live, ms",
        "50 shown, ms",
    ]
    notes = [
        "Medians. *Signed in*: from the password to the token; *live*: from connecting to the end of the heads; "
        "*50 shown*: the first page of history. Each the first of its kind that this process answers."
    ]
    return Table("Starts", columns, rows, figures, notes)


def one_start(data: Path, town: Town, *, cold: bool) -> Start:
    if cold:
        forget_files([*program_files(), *(file for file in data.rglob("*") if file.is_file())])
    with started(data) as (pid, port, ready):
        cpu = cpu_of(pid)
        with Caller(port) as caller:
            login = {"username": "person0", "password": PASSWORD, "token": True}
            signed_in = caller.ask("POST", "/api/v1/auth/login", login)
        token = signed_in.json()["token"]
        live = catch_up(port, token, None)
        channel = next(channel for channel in town.channels if 0 in channel.members)
        with Caller(port, token) as caller:
            shown = caller.get(f"/api/v1/channels/{channel.channel_id}/messages?limit=50")
        return Start(ready, cpu, signed_in.seconds, live.seconds, shown.seconds)


@contextmanager
def started(data: Path) -> Iterator[tuple[int, int, float]]:
    """Its pid and port, and how long it took to be ready."""
    port = free_port()
    environment = {**os.environ, **CALM, "PORT": str(port), "MARU_DATA": str(data)}
    command = ["taskset", "-c", str(SERVER_CORE), sys.executable, "wsgi.py", "serve"]
    began = time.perf_counter()
    with (data.parent / "start.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    try:
        while not is_ready(port):
            if process.poll() is not None or time.perf_counter() - began > READY_WITHIN_SECONDS:
                raise RuntimeError("the server did not start")
            time.sleep(LOOK_SECONDS)
        yield process.pid, port, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(READY_WITHIN_SECONDS)


def is_ready(port: int) -> bool:
    with suppress(OSError), Caller(port) as caller:
        return caller.ask("GET", "/readyz").status == 200
    return False


def program_files() -> Iterator[Path]:
    """Of Maru and of its packages."""
    yield from (PROJECT / "app").rglob("*.py*")
    for folder in map(Path, sys.path):
        if folder.name == "site-packages":
            yield from (file for file in folder.rglob("*") if file.suffix in (".py", ".pyc", ".so"))


def row(store: str, cache: str, starts: list[Start]) -> list[str]:
    ready, cpu = (
        number(statistics.median(getattr(start, name) for start in starts)) for name in ("ready", "cpu")
    )
    steps = [
        number(1e3 * statistics.median(getattr(start, step) for start in starts))
        for step in ("signed_in", "live", "shown")
    ]
    return [store, cache, ready, cpu, *steps]
