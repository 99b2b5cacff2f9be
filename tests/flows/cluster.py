"""Several workers of one supervisor behind the nginx of deploy/nginx.conf: what an operator of one machine runs."""

import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.flows.nginx import Nginx
from tests.people import DEADLINE_SECONDS, Person, wait_until
from tests.serving import Server

NAME = "a"
_SERVES = re.compile(r"worker (\d+) serves as process (\d+)")


def measure(setting: str, default: int) -> int:
    """How much of a flow is done: little, unless the environment asks for its full size."""
    return int(os.environ.get(setting, default))


class Cluster:
    """`with Cluster(folder, 2) as cluster:` chat servers a-1 and a-2, each of which names both when it returns."""

    def __init__(self, folder: Path, workers: int, settings: Mapping[str, str] | None = None) -> None:
        counted = {"MARU_WORKERS": str(workers), "MARU_SERVER_ID": NAME}
        self.server = Server(folder / "servers", {**counted, **(settings or {})})
        self.ports = {f"{NAME}-{place}": self.server.port + place for place in range(1, workers + 1)}
        self.nginx = Nginx(folder / "nginx", [self.server.port], self.ports)
        self.server._env["MARU_PUBLIC_URL"] = self.nginx.url

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.server)
            stack.enter_context(self.nginx)
            self._wait_until_known()
            self._running = stack.pop_all()
        return self

    def _wait_until_known(self) -> None:
        """Every chat server names all of them."""
        wait_until(lambda: len(self.pids()) == len(self.ports))
        looking = Person(self.server, "looking")
        for name in self.ports:
            wait_until(lambda: self.named(looking, name) == set(self.ports))  # noqa: B023

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def url(self, name: str) -> str:
        """Where clients reach one of the chat servers."""
        return f"{self.nginx.url}/s/{name}"

    def named(self, person: Person, name: str) -> set[str]:
        """Which chat servers one of them names."""
        url = f"http://127.0.0.1:{self.ports[name]}/api/v1"
        headers = {"Authorization": f"Bearer {person.token}"}
        answer = requests.get(f"{url}/servers", headers=headers, timeout=DEADLINE_SECONDS)
        return {entry["id"] for entry in answer.json()["servers"]}

    def pids(self) -> dict[str, int]:
        """The process that serves under each name, as the log says."""
        return {f"{NAME}-{place}": int(pid) for place, pid in _SERVES.findall(self.server.log)}

    def starts(self) -> int:
        """How many workers began to serve so far."""
        return len(_SERVES.findall(self.server.log))

    def errors(self) -> list[str]:
        """What the log complains of."""
        return [line for line in self.server.log.splitlines() if " ERROR" in line or "Traceback" in line]
