"""How many machines how many people need: `python -m bench.capacity`, from the costs in bench/results/workloads.json.

A model of a few lines: what falls into a second of the busiest hour (bench/workloads/day_model.py), times what each of
these things cost when it was measured alone. It is checked against the mixed day, measured on one server and on two.
"""

import math
from dataclasses import dataclass

from bench.workloads.day_model import Day
from bench.workloads.run import read_found
from bench.workloads.shape import Table, markdown, number

CONNECTIONS_A_PROCESS = 10_000  # MARU_CAPACITY as it comes
BUSY_SHARE = (
    0.5  # of a core that a process may take in the busiest hour; the rest is for bursts and lost servers
)
USERS = (5_000, 500_000, 50_000_000)
SIGN_INS_A_USER = 0.05  # a day; sessions last
DAYS_A_YEAR = 365
MOST_SERVERS = 1_000_000  # where more of them only make more work
MICRO = 1e-6


@dataclass(frozen=True)
class Costs:
    """CPU in microseconds of one core, as the server took them; memory and disk in bytes."""

    message: float
    message_at_full_load: float
    commit_seconds: float
    delivery: float
    hint: float
    hint_valkey: float
    connect: float
    idle: float
    poll: float
    open: float
    typing: float
    read: float
    sign_in: float
    connection_bytes: float
    process_bytes: float
    message_bytes: float
    append: float


@dataclass(frozen=True)
class Rates:
    """What happens in a second, on all servers together."""

    messages: float
    deliveries: float
    comings: float
    openings: float
    polls: float
    typing: float
    read: float
    sign_ins: float
    connected: float


def read_costs(figures: dict[str, float]) -> Costs:
    """Raises KeyError naming the figure that was not measured."""
    return Costs(
        message=figures["cost.message_us"],
        message_at_full_load=figures["several.1.pair_message_us"] - 2 * figures["several.1.delivery_us"],
        commit_seconds=figures["cost.ack_ms"] / 1e3,
        delivery=figures["cost.delivery_us"],
        hint=figures["hint.2.each_other_us"],
        hint_valkey=figures["hint.2.valkey_us"],
        connect=figures["cost.connect_us"],
        idle=figures["cost.idle_us"],
        poll=figures["cost.poll_us"],
        open=figures["cost.open_us"],
        typing=figures["cost.typing_us"],
        read=figures["cost.read_us"],
        sign_in=figures["cost.sign_in_us"],
        connection_bytes=figures["cost.connection_kib"] * 1024,
        process_bytes=figures["cost.process_mib"] * (1 << 20),
        message_bytes=figures["store.bytes_a_message"],
        append=figures["store.append_cpu_us"],
    )


def rates_of(day: Day) -> Rates:
    """In the busiest hour of such a day."""
    messages = day.messages_a_second
    return Rates(
        messages=messages,
        deliveries=messages * day.listeners_a_message,
        comings=day.comings_a_second,
        openings=day.openings_a_second,
        polls=day.connected * day.poll_share / 5 + messages * day.listeners_a_message * day.long_poll_share,
        typing=messages,
        read=messages * day.listeners_a_message * day.active_share,
        sign_ins=day.users * SIGN_INS_A_USER * day.peak_hour_share / 3600,
        connected=day.connected,
    )


def chat_cores(costs: Costs, rates: Rates, servers: int) -> float:
    """Cores that all chat servers together are busy with, where each hears of everything."""
    return sum(cores_by_work(costs, rates, servers, servers).values())


def cores_by_work(costs: Costs, rates: Rates, servers: int, hearing: int) -> dict[str, float]:
    """Each server commits what it is told; `hearing`: so many of them hear of a message."""
    work = {
        "messages and deliveries": rates.messages * message_cost(costs, rates.messages / servers)
        + rates.deliveries * costs.delivery,
        "hearing the other servers": rates.messages * (hearing - 1) * costs.hint,
        "connections: there, coming, going": rates.connected * costs.idle + rates.comings * costs.connect,
        "polls, long polls, channels opened": rates.polls * costs.poll + rates.openings * costs.open,
        "typing, read markers, sign-ins": rates.typing * costs.typing
        + rates.read * costs.read
        + rates.sign_ins * costs.sign_in,
    }
    return {name: MICRO * microseconds for name, microseconds in work.items()}


def message_cost(costs: Costs, a_second: float) -> float:
    """One commit takes what has come since the one before; what it costs is shared by them."""
    alone = max(costs.message - costs.message_at_full_load, 0)
    return costs.message_at_full_load + alone / (1 + a_second * costs.commit_seconds)


@dataclass(frozen=True)
class Need:
    """What a number of people needs. `work`: cores by what they do; `heard`: the share of one that each spends on
    hearing the other servers."""

    day: Day
    rates: Rates
    servers: int
    work: dict[str, float]
    heard: float
    memory_bytes: float
    tib_a_year: float
    valkey_cores: float
    writer_cores: float

    @property
    def cores(self) -> float:
        return sum(self.work.values())


def need_of(day: Day, costs: Costs, *, everybody_hears: bool = True) -> Need:
    """The fewest processes that hold the connections and are no busier than BUSY_SHARE. Not `everybody_hears`: hints go
    by interest, so that each message is heard by the servers of its listeners only."""
    rates = rates_of(day)
    servers = max(math.ceil(day.connected / CONNECTIONS_A_PROCESS), 1)
    while True:
        hearing = servers if everybody_hears else min(servers, math.ceil(day.listeners_a_message))
        work = cores_by_work(costs, rates, servers, hearing)
        enough = math.ceil(sum(work.values()) / BUSY_SHARE)
        if enough <= servers or servers >= MOST_SERVERS:
            break
        servers = min(enough, MOST_SERVERS)
    return Need(
        day=day,
        rates=rates,
        servers=servers,
        work=work,
        heard=work["hearing the other servers"] / servers,
        memory_bytes=servers * costs.process_bytes + day.connected * costs.connection_bytes,
        tib_a_year=day.messages_a_day * DAYS_A_YEAR * costs.message_bytes / (1 << 40),
        valkey_cores=MICRO * rates.messages * costs.hint_valkey * hearing / 2,
        writer_cores=MICRO * rates.messages * costs.append,
    )


def costs_table(costs: Costs) -> Table:
    """What the model goes by."""
    lines = [
        ("a message, alone in its commit: CPU", costs.message, "µs"),
        ("a message, at full load", costs.message_at_full_load, "µs"),
        ("a delivery", costs.delivery, "µs"),
        ("a hint, each other server", costs.hint, "µs"),
        ("a hint, Valkey", costs.hint_valkey, "µs"),
        ("a connection made", costs.connect, "µs"),
        ("a connection that is there, a second", costs.idle, "µs"),
        ("a poll", costs.poll, "µs"),
        ("a channel opened", costs.open, "µs"),
        ("a typing notice", costs.typing, "µs"),
        ("a read marker", costs.read, "µs"),
        ("a sign-in", costs.sign_in, "µs"),
        ("a connection: memory", costs.connection_bytes / 1024, "KiB"),
        ("a process: memory", costs.process_bytes / (1 << 20), "MiB"),
        ("a message on the disk", costs.message_bytes, "bytes"),
    ]
    return Table(
        "What the model goes by", ["", "", ""], [[what, number(value), unit] for what, value, unit in lines]
    )


def needs_table(costs: Costs) -> Table:
    needs = [need_of(Day(users=users), costs, everybody_hears=users < USERS[-1]) for users in USERS]
    lines = [
        ("connected at once", [f"{need.day.connected:,}" for need in needs]),
        ("messages a second, busiest hour", [number(need.rates.messages) for need in needs]),
        ("deliveries a second", [number(need.rates.deliveries) for need in needs]),
        ("chat server processes", [f"{need.servers:,}" for need in needs]),
        ("cores they are busy with", [number(need.cores) for need in needs]),
        *((f"… {work}", [number(need.work[work]) for need in needs]) for work in needs[0].work),
        ("of a core, each for hearing the others", [f"{need.heard:.1%}" for need in needs]),
        ("their memory, GiB", [number(need.memory_bytes / (1 << 30)) for need in needs]),
        (
            "messages on the disk in a year, TiB, one copy",
            [number(need.tib_a_year) for need in needs],
        ),
        ("Redis: cores for hints", [number(need.valkey_cores) for need in needs]),
        ("store: cores of its writers", [number(need.writer_cores) for need in needs]),
        ("sign-ins a second", [number(need.rates.sign_ins) for need in needs]),
    ]
    columns = ["daily users", *(f"{users:,}" for users in USERS)]
    return Table("What people need", columns, [[name, *cells] for name, cells in lines])


def check_table(figures: dict[str, float], costs: Costs) -> Table:
    """Each measured hour beside what the model says of what happened in it."""
    rows = []
    for prefix, servers in (("day", 1), ("day2", 2)):
        for times in (1, 2, 4, 16):
            key = f"{prefix}.{times}"
            if f"{key}.server_cpu" in figures:
                predicted = chat_cores(costs, measured_rates(figures, key), servers)
                measured = figures[f"{key}.server_cpu"]
                cells = [f"{predicted:.1%}", f"{measured:.1%}", f"{predicted / measured:.2f}"]
                rows.append([str(servers), str(times), number(figures[f"{key}.sent"]), *cells])
    columns = ["servers", "times the peak", "messages/s", "predicted, of a core", "measured", "ratio"]
    return Table("The model beside the mixed day", columns, rows)


def measured_rates(figures: dict[str, float], key: str) -> Rates:
    """What happened in a second of a measured hour. A message by REST costs a request more, as a poll does."""
    counted = {
        name.removeprefix(f"{key}."): value for name, value in figures.items() if name.startswith(f"{key}.")
    }
    openings = counted["opened"]
    return Rates(
        messages=counted["sent"],
        deliveries=counted["delivered"],
        comings=counted["came"],
        openings=openings,
        polls=counted["syncs"] + counted["requests"] - 2 * openings,
        typing=counted["typing"],
        read=counted["read"],
        sign_ins=0,
        connected=counted["connected"],
    )


def main() -> None:
    figures = read_found().figures()
    costs = read_costs(figures)
    print(markdown(needs_table(costs)))
    print()
    print(markdown(check_table(figures, costs)))


if __name__ == "__main__":
    main()
