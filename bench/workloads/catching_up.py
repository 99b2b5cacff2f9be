"""Somebody comes back: after nothing, a night, 10,000 events in 50 channels, 100,000 in one."""

from collections.abc import Callable
from pathlib import Path

from bench.workloads.caller import Caller, CaughtUp, catch_up
from bench.workloads.plan import Plan, Resident, Stretch, Town, settled
from bench.workloads.served import Served, serving
from bench.workloads.shape import Options, Table, Workload, delays, number
from bench.workloads.usage import Used

CHANNELS = 50
OTHERS = 20  # people in each channel, who write what is missed
ONE_CHANNEL = CHANNELS  # its number
WARM = 3  # times before it counts


def run(folder: Path, options: Options) -> list[Table]:
    town = settled(folder / "data", plan(options))
    reader, lone_reader = town.people[0], town.people[1]
    rows, figures = [], {}
    with serving(folder) as served:
        for name, person, cursor in cases(town, reader, lone_reader):
            for way, one_time in (("WebSocket", by_websocket), ("poll", by_poll)):
                caught, used = measured(served, person, cursor, one_time, times(name, options))
                rows.append(row(name, way, caught, used))
                key = f"catch_up.{name.replace(' ', '_')}.{way.lower()}"
                figures[f"{key}.cpu_us"] = 1e6 * used.cpu["maru"] / len(caught)
                figures[f"{key}.bytes"] = float(caught[-1].bytes)
        rows.append(place_row(served, lone_reader, town.channels[ONE_CHANNEL].channel_id, options))
    columns = ["missed", "way", "connect to live, ms: p50 / p99", "events", "KiB", "server CPU, ms"]
    return [Table("Catching up", columns, rows, figures)]


def plan(options: Options) -> Plan:
    """Persons 0 and 1 miss things; everybody else writes them."""
    writers = list(range(2, 2 + OTHERS))
    groups = [[0, *writers] for _ in range(CHANNELS)] + [[1, *writers]]
    many = list(range(CHANNELS))
    return Plan(
        people=2 + OTHERS,
        channels=groups,
        stretches=[
            Stretch("before", [*many, ONE_CHANNEL], options.size(20_000, 500)),
            Stretch("one", [ONE_CHANNEL], options.size(100_000, 6_000)),
            Stretch("many", many, options.size(9_800, 300)),
            Stretch("night", many, 200),
        ],
    )


def cases(town: Town, reader: Resident, lone_reader: Resident) -> list[tuple[str, Resident, str]]:
    return [
        ("nothing", reader, town.cursor),
        ("200 in 50 channels", reader, town.stretch("night").cursor),
        ("10,000 in 50 channels", reader, town.stretch("many").cursor),
        ("100,000 in one", lone_reader, town.stretch("one").cursor),
    ]


def times(name: str, options: Options) -> int:
    return 3 if options.small else 30 if name.startswith("10,000") else 100


OneTime = Callable[[Served, Resident, str], CaughtUp]


def measured(
    served: Served, person: Resident, cursor: str, one_time: OneTime, count: int
) -> tuple[list[CaughtUp], Used]:
    for _ in range(WARM):
        one_time(served, person, cursor)
    with Used(served.pids) as used:
        caught = [one_time(served, person, cursor) for _ in range(count)]
    return caught, used


def by_websocket(served: Served, person: Resident, cursor: str) -> CaughtUp:
    return catch_up(served.port, person.token, cursor)


def by_poll(served: Served, person: Resident, cursor: str) -> CaughtUp:
    """`/sync` until there is no more, on a new connection, as a device that wakes up makes one."""
    with Caller(served.port, person.token) as caller:
        answers = [caller.get(f"/api/v1/sync?cursor={cursor}")]
        while (page := answers[-1].json())["more"]:
            answers.append(caller.get(f"/api/v1/sync?cursor={page['cursor']}"))
    pages = [answer.json() for answer in answers]
    return CaughtUp(
        seconds=sum(answer.seconds for answer in answers),
        bytes=sum(len(answer.body) for answer in answers),
        events=sum(len(page["events"]) for page in pages),
        reset=sum(len(page["reset"]) for page in pages),
        cursor=pages[-1]["cursor"],
    )


def row(name: str, way: str, caught: list[CaughtUp], used: Used) -> list[str]:
    last = caught[-1]
    events = f"{last.events:,}" + (", 1 reset" if last.reset else "")
    cpu = 1e3 * used.cpu["maru"] / len(caught)
    took = delays([one.seconds for one in caught])
    return [name, way, took, events, number(last.bytes / 1024), number(cpu)]


def place_row(served: Served, person: Resident, channel_id: str, options: Options) -> list[str]:
    """After a reset: what a page asks for to show the place."""
    count = 3 if options.small else 100
    with Caller(served.port, person.token) as caller:
        path = f"/api/v1/channels/{channel_id}/messages?limit=50"
        caller.get(path)
        with Used(served.pids) as used:
            answers = [caller.get(path) for _ in range(count)]
    events = len(answers[-1].json()["events"])
    took = delays([answer.seconds for answer in answers])
    cpu = number(1e3 * used.cpu["maru"] / count)
    return [
        "…and then the place, its last 50",
        "REST",
        took,
        str(events),
        number(len(answers[-1].body) / 1024),
        cpu,
    ]


WORKLOAD = Workload("catching_up", "Catching up", run)
