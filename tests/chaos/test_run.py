"""A short run with a seed of its own, as an ordinary test: `make chaos` has the long ones, of any seed."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos.checker import check
from tests.chaos.history import Answered, Healed
from tests.chaos.report import report
from tests.chaos.run import run
from tests.chaos.schedule import Blow, Schedule, read_schedule

REGRESSIONS = sorted(Path(__file__).with_name("regressions").glob("*.json"))
SHORT = Schedule(
    seed=41,
    servers=2,
    people=5,
    acts=500,
    acts_a_second=25.0,
    blows=[
        Blow(50, "die_before_sync", 1),
        Blow(60, "one_way", 2),
        Blow(110, "redis_kill", 3),
        Blow(150, "die_after_sync", 4),
        Blow(200, "cut_inside", 5),
        Blow(250, "kill", 6),
        Blow(260, "redis_cut", 7),
        Blow(310, "half_open", 8),
        Blow(350, "raise_after_sync", 9),
        Blow(400, "kill_all", 10),
        Blow(420, "redis_flush", 11),
    ],
)


def test_people_go_on_talking_while_everything_breaks_and_nothing_is_lost_doubled_or_leaked(
    tmp_path: Path,
) -> None:
    history = asyncio.run(run(SHORT, tmp_path))
    assert check(history) == [], report(SHORT, history, check(history))
    done = [record for record in history.records if isinstance(record, Answered) and record.outcome == "ok"]
    assert len(done) > SHORT.acts / 4
    assert sum(isinstance(record, Healed) for record in history.records) > len(SHORT.blows) / 2


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
def test_what_failed_once_does_not_fail_again(path: Path, tmp_path: Path) -> None:
    schedule = read_schedule(path)
    history = asyncio.run(run(schedule, tmp_path))
    assert check(history) == [], report(schedule, history, check(history))
