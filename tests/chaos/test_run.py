"""Two minutes of faults with seeds of their own, as an ordinary test: `make chaos` has the long ones, of any seed."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.chaos.checker import check
from tests.chaos.history import Answered, Healed, History
from tests.chaos.report import report
from tests.chaos.run import run
from tests.chaos.schedule import Schedule, draw, read_schedule

REGRESSIONS = sorted(Path(__file__).with_name("regressions").glob("*.json"))
QUIET_SECONDS = 180.0  # at most, for a busy machine
FEWEST_DONE, FEWEST_FAULTS = 50, 5
"""So many at least: a machine may be slow, but a run in which nothing happened shows nothing."""


@pytest.mark.timeout(900)
def test_people_go_on_talking_while_everything_breaks_and_nothing_is_lost_doubled_or_leaked(
    tmp_path: Path,
) -> None:
    """First several servers, then the workers of one supervisor behind nginx, with PostgreSQL."""
    for schedule in (draw(41, 55, 2, 5), draw(78, 45, 2, 4, cluster="supervised")):
        schedule = msgspec.structs.replace(schedule, quiet_seconds=QUIET_SECONDS)
        folder = tmp_path / schedule.cluster
        folder.mkdir()
        history = asyncio.run(run(schedule, folder))
        require_promises_kept(schedule, history)
        records = history.records
        done = sum(isinstance(record, Answered) and record.outcome == "ok" for record in records)
        assert done >= FEWEST_DONE
        assert sum(isinstance(record, Healed) for record in records) >= FEWEST_FAULTS


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
def test_what_failed_once_does_not_fail_again(path: Path, tmp_path: Path) -> None:
    schedule = read_schedule(path)
    require_promises_kept(schedule, asyncio.run(run(schedule, tmp_path)))


def require_promises_kept(schedule: Schedule, history: History) -> None:
    violations = check(history)
    assert violations == [], report(schedule, history, violations)
