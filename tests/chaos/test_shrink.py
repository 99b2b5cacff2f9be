"""Failing schedules become small, and stay failing."""

from tests.chaos.schedule import Blow, Schedule, draw
from tests.chaos.shrink import FEWEST_ACTS, shrink


def test_only_the_faults_that_matter_are_left() -> None:
    schedule = draw(7, seconds=300, servers=2, people=4)
    guilty = {schedule.blows[3].seed, schedule.blows[-2].seed}

    small = shrink(
        schedule, lambda one: guilty <= {blow.seed for blow in one.blows} and one.acts >= 900, runs=500
    )

    assert {blow.seed for blow in small.blows} == guilty
    assert 900 <= small.acts < 2 * 900


def test_what_fails_without_any_fault_becomes_short() -> None:
    small = shrink(draw(7, seconds=300, servers=2, people=4), lambda one: True)
    assert small.blows == []
    assert FEWEST_ACTS <= small.acts < 2 * FEWEST_ACTS


def test_a_fault_that_shows_only_now_and_then_is_tried_again() -> None:
    outcomes = iter([False, True, False, False])
    schedule = Schedule(seed=1, acts=FEWEST_ACTS, blows=[Blow(5, "kill")])
    assert shrink(schedule, lambda one: next(outcomes)).blows == []


def test_when_all_runs_are_spent_the_last_failing_one_is_given() -> None:
    schedule = draw(7, seconds=60, servers=2, people=4)
    runs: list[Schedule] = []
    assert shrink(schedule, lambda one: bool(runs.append(one)), runs=5) == schedule
    assert len(runs) == 5
