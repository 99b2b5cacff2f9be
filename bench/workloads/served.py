"""Maru under measurement: `wsgi.py serve` on one core, with its Valkey; the load has the other."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.workloads.usage import children_of
from tests.people import wait_until
from tests.serving import Server

SERVER_CORE, LOAD_CORE = 0, 1
NAME = "b"  # of the chat servers of one machine: b-1, b-2 …
_SERVES = re.compile(r"worker (\d+) serves as process (\d+)")
CALM = {"MARU_HANDSHAKES": "100000", "MARU_RATE_LIMITS": "off", "MARU_CAPACITY": "100000"}


@dataclass(frozen=True)
class Served:
    """`pids`: by what they are: `maru` (or `maru-1` … and `supervisor`), `valkey`. `ports`: each worker's own."""

    port: int
    ports: list[int]
    pids: dict[str, int]

    def chat_servers(self) -> dict[str, int]:
        return {name: pid for name, pid in self.pids.items() if name.startswith("maru")}


@contextmanager
def serving(folder: Path, workers: int = 1, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Over the data in `folder`/data. More workers than one have the same core, and a port each besides."""
    several = {"MARU_WORKERS": str(workers), "MARU_SERVER_ID": NAME} if workers > 1 else {}
    command = ["taskset", "-c", str(SERVER_CORE), sys.executable, "wsgi.py", "serve"]
    server = Server(folder, {**CALM, **several, **(settings or {})}, command)
    earlier = len(server.log)
    with server:
        ports = [server.port + place for place in range(1, workers + 1)] if workers > 1 else [server.port]
        chat = {"maru": server.pid} if workers == 1 else _workers(server, earlier, workers)
        yield Served(server.port, ports, {**chat, **_beside(server.pid, workers)})
    if "Traceback" in server.log:
        print(server.log[-2_000:], file=sys.stderr)


def _workers(server: Server, earlier: int, count: int) -> dict[str, int]:
    """When all of them serve; the port answers from the first one on. What the log had earlier is of others."""

    def found() -> list[tuple[str, str]]:
        return sorted(_SERVES.findall(server.log[earlier:]))

    wait_until(lambda: len(found()) == count)
    return {f"maru-{place}": int(pid) for place, pid in found()}


def _beside(pid: int, workers: int) -> dict[str, int]:
    valkey = next(child for child in children_of(pid) if "valkey" in _command(child))
    return {"valkey": valkey} if workers == 1 else {"supervisor": pid, "valkey": valkey}


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def take_load_core() -> None:
    """This process loads; it must not take the server's core."""
    os.sched_setaffinity(0, {LOAD_CORE})
