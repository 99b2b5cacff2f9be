"""Runs workloads, prints their tables and keeps what they found in bench/results/workloads.json."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

import msgspec

from bench.workloads import catching_up, costs, large_store, mixed_day, several_servers
from bench.workloads.served import take_load_core
from bench.workloads.shape import Options, Table, Workload, markdown

RESULTS = Path(__file__).parents[1] / "results"
WORKLOADS: tuple[Workload, ...] = (
    catching_up.WORKLOAD, large_store.WORKLOAD, mixed_day.WORKLOAD, several_servers.WORKLOAD, costs.WORKLOAD,
)  # fmt: skip


class Found(msgspec.Struct):
    """What `workloads.json` holds; each workload's tables are replaced when it runs again."""

    commit: dict[str, str] = {}
    tables: dict[str, list[Table]] = {}

    def figures(self) -> dict[str, float]:
        """The numbers of all tables by name."""
        every = [table.figures for tables in self.tables.values() for table in tables]
        return {name: value for figures in every for name, value in figures.items()}


def run_all(small: bool = False) -> list[Table]:
    """Every workload's tables, in order."""
    return run({workload.name for workload in WORKLOADS}, Options(small=small))


def run(names: Collection[str], options: Options) -> list[Table]:
    take_load_core()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / ("workloads-small.json" if options.small else "workloads.json")
    tables: list[Table] = []
    for workload in WORKLOADS:
        if workload.name in names:
            made = run_one(workload, options)
            keep(workload, made, path)
            tables += made
    return tables


def keep(workload: Workload, made: list[Table], path: Path) -> None:
    """Beside what others found, this run or another that is under way."""
    found = read_found(path)
    found.tables[workload.name] = made
    found.commit[workload.name] = _commit()
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


def run_one(workload: Workload, options: Options) -> list[Table]:
    print(f"{workload.title} …", flush=True)
    began, load = time.monotonic(), os.getloadavg()[0]
    folder = Path(tempfile.mkdtemp(prefix=f"{workload.name}-", dir=RESULTS))
    try:
        tables = workload.run(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"  {time.monotonic() - began:.0f} s\n", flush=True)
    tables[-1] = circumstances(tables[-1], load)
    print("\n\n".join(map(markdown, tables)), flush=True)
    print(flush=True)
    return tables


def circumstances(table: Table, load: float) -> Table:
    """With a note of what else went on: what others do shows in the clock's figures, and in caches that are cold."""
    note = f"Measured at {_commit()} on {os.cpu_count()} cores whose load was {load:.1f} before it began."
    return msgspec.structs.replace(table, notes=[*table.notes, note])


def read_found(path: Path = RESULTS / "workloads.json") -> Found:
    return msgspec.json.decode(path.read_bytes(), type=Found) if path.exists() else Found()


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()
