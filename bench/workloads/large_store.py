"""A store of five million messages: how long a page of history takes, and how long a server takes to start on it."""

from pathlib import Path

from bench.workloads import history, starts
from bench.workloads.plan import Plan, Stretch, Written, settled
from bench.workloads.shape import Options, Table, Workload, number

PEOPLE, CHANNELS, MEMBERS = 200, 1_000, 10


def run(folder: Path, options: Options) -> list[Table]:
    town = settled(folder / "data", plan(options))
    return [
        stored(town.stretch("all")),
        history.measured(folder, town, options),
        starts.measured(folder, town, options),
    ]


def plan(options: Options) -> Plan:
    """Channels take turns at random, so that a page's messages lie far apart on the disk: the worst case."""
    groups = [[(number + member) % PEOPLE for member in range(MEMBERS)] for number in range(CHANNELS)]
    messages = options.size(5_000_000, 80_000)
    return Plan(PEOPLE, groups, [Stretch("all", list(range(CHANNELS)), messages)], passwords=1)


def stored(written: Written) -> Table:
    each, text = written.stored_bytes / written.messages, written.text_bytes / written.messages
    cpu = 1e6 * written.cpu_seconds / written.messages
    columns = [
        "messages",
        "on disk, GiB",
        "bytes a message",
        "of which text",
        "CPU to store one, µs",
        "clock, s",
    ]
    row = [f"{written.messages:,}", number(written.stored_bytes / (1 << 30)), number(each), number(text)]
    row += [number(cpu), number(written.seconds)]
    figures = {"store.bytes_a_message": each, "store.text_bytes": text, "store.append_cpu_us": cpu}
    return Table("The store", columns, [row], figures)


WORKLOAD = Workload("large_store", "A store of five million messages: history and starts", run)
