"""The model of how many machines how many people need."""

from dataclasses import replace

import pytest

from bench.capacity import (
    BUSY_SHARE,
    CONNECTIONS_A_PROCESS,
    Costs,
    chat_cores,
    check_table,
    measured_rates,
    message_cost,
    need_of,
    needs_table,
    rates_of,
    read_costs,
)
from bench.workloads.day_model import Day

FIGURES = {
    "cost.message_us": 400.0,
    "several.1.pair_message_us": 35.0,
    "several.1.delivery_us": 2.5,
    "cost.ack_ms": 2.0,
    "cost.delivery_us": 8.0,
    "hint.2.each_other_us": 90.0,
    "hint.2.valkey_us": 40.0,
    "cost.connect_us": 1_400.0,
    "cost.idle_us": 4.0,
    "cost.poll_us": 600.0,
    "cost.open_us": 1_200.0,
    "cost.typing_us": 150.0,
    "cost.read_us": 170.0,
    "cost.sign_in_us": 25_000.0,
    "cost.connection_kib": 10.0,
    "cost.process_mib": 80.0,
    "store.bytes_a_message": 500.0,
    "store.append_cpu_us": 10.0,
}
HOUR = {
    "sent": 100.0, "delivered": 700.0, "came": 2.0, "opened": 5.0, "typing": 90.0, "read": 300.0, "requests": 20.0,
    "syncs": 40.0, "connected": 2_000.0,
}  # fmt: skip


@pytest.fixture
def costs() -> Costs:
    return read_costs(FIGURES)


def test_a_figure_that_was_not_measured_is_named() -> None:
    with pytest.raises(KeyError, match=r"hint\.2\.each_other_us"):
        read_costs({name: value for name, value in FIGURES.items() if name != "hint.2.each_other_us"})


def test_a_message_costs_less_the_more_share_a_commit_but_never_less_than_at_full_load(costs: Costs) -> None:
    assert message_cost(costs, 0) == 400
    assert message_cost(costs, 500) == pytest.approx(30 + 370 / 2)
    assert 30 < message_cost(costs, 50_000) < 35


def test_every_server_but_the_one_where_it_is_said_hears_of_every_message(costs: Costs) -> None:
    rates = rates_of(Day(users=500_000))

    def for_hints(servers: int) -> float:
        return chat_cores(costs, rates, servers) - chat_cores(replace(costs, hint=0), rates, servers)

    assert for_hints(1) == 0
    assert for_hints(2) == pytest.approx(90e-6 * rates.messages)
    assert for_hints(3) == pytest.approx(2 * for_hints(2))


def test_five_thousand_daily_users_need_one_process_that_is_hardly_busy(costs: Costs) -> None:
    need = need_of(Day(users=5_000), costs)

    assert (need.servers, need.heard) == (1, 0)
    assert need.cores < BUSY_SHARE
    assert need.tib_a_year * 2**40 == pytest.approx(5_000 * 40 * 365 * 500)


def test_there_are_servers_enough_for_the_connections_and_for_the_work(costs: Costs) -> None:
    idle = need_of(Day(users=500_000, messages_a_user=0.1), costs)
    busy = need_of(Day(users=500_000), replace(costs, delivery=8_000.0))

    assert idle.servers * CONNECTIONS_A_PROCESS >= 200_000
    assert busy.servers > idle.servers
    assert busy.cores <= busy.servers * BUSY_SHARE


def test_where_everybody_hears_everything_more_servers_do_not_help_for_ever(costs: Costs) -> None:
    day = Day(users=50_000_000)

    everybody = need_of(day, costs)
    interested = need_of(day, costs, everybody_hears=False)

    assert everybody.heard > 1  # each would be busy with hints alone
    assert interested.heard < 0.1
    assert interested.cores <= interested.servers * BUSY_SHARE


def test_the_model_is_judged_by_what_happened_in_the_hour_that_was_measured(costs: Costs) -> None:
    hour = {f"day.4.{name}": value for name, value in HOUR.items()}
    predicted = chat_cores(costs, measured_rates(hour, "day.4"), 1)

    table = check_table(hour | {"day.4.server_cpu": predicted / 2}, costs)

    assert [row[0] + row[1] + row[-1] for row in table.rows] == ["142.00"]


def test_the_table_has_a_column_for_each_number_of_people(costs: Costs) -> None:
    table = needs_table(costs)

    assert table.columns == ["daily users", "5,000", "500,000", "50,000,000"]
    assert {len(row) for row in table.rows} == {4}
