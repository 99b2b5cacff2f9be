"""A seed says everything that is to happen, and a schedule can be written down."""

from pathlib import Path

from tests.chaos.actions import ACTIONS
from tests.chaos.faults import FAULTS, possible_at
from tests.chaos.schedule import RARE, draw, read_schedule, write_schedule


def test_one_seed_is_one_schedule() -> None:
    one, again, other = (draw(seed, seconds=60, servers=2, people=4) for seed in (3, 3, 4))
    assert one == again != other
    assert [one.act(number)[0] for number in range(99)] == [again.act(number)[0] for number in range(99)]
    assert one.act(5)[1].random() == again.act(5)[1].random()


def test_a_long_run_has_every_fault_and_every_action() -> None:
    schedule = draw(1, seconds=600, servers=2, people=4)
    supervised = draw(1, seconds=600, servers=2, people=4, cluster="supervised")
    drawn = {blow.fault for blow in (*schedule.blows, *supervised.blows)}
    assert drawn == set(FAULTS)
    assert {blow.fault for blow in supervised.blows} == possible_at("supervised") != possible_at("servers")
    assert {schedule.act(number)[0] for number in range(schedule.acts)} == set(ACTIONS)
    assert max(blow.after for blow in schedule.blows) < schedule.acts
    assert set(FAULTS) > RARE


def test_a_schedule_is_read_as_it_was_written(tmp_path: Path) -> None:
    schedule = draw(1, seconds=30, servers=2, people=4)
    write_schedule(schedule, tmp_path / "schedule.json")
    assert read_schedule(tmp_path / "schedule.json") == schedule
