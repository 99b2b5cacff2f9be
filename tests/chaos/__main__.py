"""`make chaos`: break Maru on purpose for a while, and say what came of it.

    python -m tests.chaos                  hunt the planted bugs, then SECONDS (600) of faults
    python -m tests.chaos run              only the faults
    python -m tests.chaos hunt [BUG …]     only the planted bugs, or these
    python -m tests.chaos --url URL        a Maru that runs already (open sign-up, no rate limits); only the network
    python -m tests.chaos repeat FILE      a schedule that was written down
    python -m tests.chaos shrink FILE [BUG]
                                           make a failing one smaller (with a bug planted), and write it over the file

SEED (of the day), SERVERS (3), PEOPLE (16), CLUSTER (servers; or supervised: workers of one supervisor behind nginx,
with PostgreSQL) in the environment choose another run.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.chaos.checker import check, count_by_rule
from tests.chaos.history import History
from tests.chaos.planted import bugs, hunt, judged, seen
from tests.chaos.report import report
from tests.chaos.run import run, run_at
from tests.chaos.schedule import ClusterKind, Schedule, draw, read_schedule, write_schedule
from tests.chaos.shrink import shrink

T = TypeVar("T")

DAY_SECONDS = 86_400


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 when a promise was broken or a planted bug was missed."""
    match arguments:
        case []:
            return hunt_all(bugs()) | break_it(drawn(_cluster()))
        case ["run"]:
            return break_it(drawn(_cluster()))
        case ["hunt", *names]:
            return hunt_all(names or bugs())
        case ["--url", url]:
            schedule = drawn("elsewhere")
            return judge(schedule, in_a_folder(lambda folder: asyncio.run(run_at(url, schedule, folder))))
        case ["repeat", path]:
            return break_it(read_schedule(Path(path)))
        case ["shrink", path]:
            return make_smaller(Path(path), None)
        case ["shrink", path, bug]:
            return make_smaller(Path(path), bug)
    say(__doc__ or "")
    return 2


def drawn(cluster: ClusterKind = "servers") -> Schedule:
    seed = _number("SEED", int(time.time()) // DAY_SECONDS)
    return draw(seed, _number("SECONDS", 600), _number("SERVERS", 3), _number("PEOPLE", 16), cluster)


def hunt_all(names: Sequence[str]) -> int:
    """Every bug must be seen."""
    missed = 0
    for name in names:
        began = time.monotonic()
        violations = in_a_folder(lambda folder: hunt(name, folder))  # noqa: B023
        found = seen(name, violations)
        missed += not found
        said = f"{'seen' if found else 'MISSED'}, {count_by_rule(violations)}"
        say(f"planted bug {name}: {said} ({time.monotonic() - began:.0f} s)\n")
    return int(missed > 0)


def break_it(schedule: Schedule) -> int:
    """One run of what the tree holds now."""
    history = in_a_folder(lambda folder: asyncio.run(run(schedule, folder)))
    return judge(schedule, history)


def judge(schedule: Schedule, history: History) -> int:
    """Say what came of a run. What failed is kept, to be repeated and shrunk."""
    violations = check(history)
    say(report(schedule, history, violations))
    if violations:
        kept = Path(tempfile.mkdtemp(prefix="maru-chaos-failed-"))
        (kept / "history.jsonl").write_bytes(history.dump())
        write_schedule(schedule, kept / "schedule.json")
        say(f"kept in {kept}\n")
    return int(bool(violations))


def make_smaller(path: Path, bug: str | None) -> int:
    """Over and over again, so it takes its time. With a planted bug it fails when a rule sees that bug."""

    def fails(schedule: Schedule) -> bool:
        violations = in_a_folder(lambda folder: judged(schedule, folder, bug))
        say(f"{schedule.acts} acts, {len(schedule.blows)} faults: {count_by_rule(violations)}\n")
        return seen(bug, violations) if bug else bool(violations)

    write_schedule(shrink(read_schedule(path), fails), path)
    return 0


def in_a_folder(work: Callable[[Path], T]) -> T:
    with tempfile.TemporaryDirectory(prefix="maru-chaos-") as folder:
        return work(Path(folder))


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _cluster() -> ClusterKind:
    return msgspec.convert(os.environ.get("CLUSTER") or "servers", ClusterKind)


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
