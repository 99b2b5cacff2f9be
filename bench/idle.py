"""Thousands of connections: what one that says nothing takes of memory, and all of them of a core."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bench.peer import Peer, Target
from bench.peers.maru import Maru
from bench.scenarios import Scenario, write_people
from bench.servers import Result, read_result, start_load

GENERATOR = 10_000  # connections of one; a process may have 20,000 descriptors here
ALL_MEASURED = 5_000


class TwoWorkers(Maru):
    """Maru with two processes on one port."""

    title = "Maru, two workers"
    environment: ClassVar[dict[str, str]] = {"MARU_WORKERS": "2"}

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        with super().serve(folder) as target:
            supervisor = target.pids[0]
            workers = tuple(pid for pid in target.beside if b"wsgi.py" in command_of(pid))
            valkey = tuple(pid for pid in target.beside if pid not in workers)
            yield Target(target.port, (supervisor, *workers), valkey)


@dataclass(frozen=True)
class Crowd:
    """`peer`: the one that is asked for it; otherwise all are."""

    scenario: Scenario
    peer: Peer | None = None


def idle(people: int) -> Scenario:
    title = f"{people:,} who say nothing"
    return Scenario(f"idle_{people}", title, "", "direct", people, 0, mode="idle", options={"warm": 2})


CROWDS = (
    Crowd(idle(ALL_MEASURED)),
    Crowd(idle(15_000), Maru()),
    Crowd(idle(20_000), TwoWorkers()),
    Crowd(
        Scenario(
            "storm_5000", "5,000 sign in at once", "live/s", "direct", 5_000, 0, mode="storm",
            options={"at_once": 256},
        ),
        Maru(),
    ),
)  # fmt: skip


def hold(crowd: Crowd, peer: Peer, folder: Path, seconds: float) -> Result:
    """Raises Failed, Unavailable."""
    scenario = crowd.scenario
    options = scenario.options | {"measure": seconds}
    dialect = folder / "dialect"
    dialect.write_text(peer.dialect(scenario.kind))
    lists = [
        write_people(scenario, peer, folder, first, min(first + GENERATOR, scenario.people))
        for first in range(0, scenario.people, GENERATOR)
    ]
    with peer.serve(folder) as target:
        generators = [start_load(target, dialect, people, scenario.mode, **options) for people in lists]
        try:
            return together([read_result(generator) for generator in generators])
        finally:
            for generator in generators:
                generator.kill()


def together(results: list[Result]) -> Result:
    """What several generators saw of one server, at the same time."""
    whole = dict(results[0])
    whole["connections"] = sum(result["connections"] for result in results)
    whole["opening_seconds"] = max(result["opening_seconds"] for result in results)
    whole["memory_before_kib"] = min(result["memory_before_kib"] for result in results)
    whole["memory_after_kib"] = max(result["memory_after_kib"] for result in results)
    unclean = [result["unclean"] for result in results if "unclean" in result]
    return whole | ({"unclean": "; ".join(unclean)} if unclean else {})


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
