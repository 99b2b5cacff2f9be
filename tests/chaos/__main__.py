"""`make chaos`: break Maru on purpose for a while, and say what came of it.

SECONDS (600), SEED (of the day), SERVERS (3), PEOPLE (16) in the environment choose another run.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.checker import check
from tests.chaos.report import report
from tests.chaos.run import run
from tests.chaos.schedule import draw, read_schedule
from tests.serving import PROJECT


def main(arguments: list[str]) -> int:
    """Exit status 1 when a promise was broken; the history is then kept. An argument is a schedule to repeat."""
    if arguments:
        schedule = read_schedule(Path(arguments[0]))
    else:
        seed = _number("SEED", time.time_ns() // 1_000_000_000 // 86_400)
        schedule = draw(seed, _number("SECONDS", 600), _number("SERVERS", 3), _number("PEOPLE", 16))
    program = Path(os.environ.get("MARU_PROGRAM", PROJECT))
    with tempfile.TemporaryDirectory(prefix="maru-chaos-") as folder:
        history = asyncio.run(run(schedule, Path(folder), program))
    violations = check(history)
    sys.stdout.write(report(schedule, history, violations))
    if violations:
        kept = Path(tempfile.mkdtemp(prefix="maru-chaos-failed-"))
        (kept / "history.jsonl").write_bytes(history.dump())
        sys.stdout.write(f"history: {kept}/history.jsonl\n")
    return 1 if violations else 0


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
