"""Two real servers with names, of one installation."""

import os
import subprocess
import sys
from pathlib import Path

from tests.people import Json, Person
from tests.serving import PROJECT, Server


class House:
    """The public origin is that of the first server, called a, which is also reached by its path below it. The other
    one, b, is on a host of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        shared = {"MARU_DATA": str(folder / "data"), "MARU_REGION": "seoul", **settings}
        self.a = Server(folder / "a", {**shared, "MARU_SERVER_ID": "a"})
        self.b = Server(folder / "b", {**shared, "MARU_SERVER_ID": "b"})
        self.public = self.a.base_url
        for server in (self.a, self.b):
            server._env["MARU_PUBLIC_URL"] = self.public
        self.b._env["MARU_SERVER_URL"] = self.b.base_url

    def operate(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """The command line, as an operator beside the servers has it."""
        return subprocess.run(
            [sys.executable, "wsgi.py", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False,
            timeout=60, env={**os.environ, **self.a._env},
        )  # fmt: skip

    def listed(self, person: Person, at: Server) -> Json:
        return dict(person.call(at, "GET", "/servers").json())

    def names(self, person: Person, at: Server) -> set[str]:
        return {entry["id"] for entry in self.listed(person, at)["servers"]}
