"""One, two and four chat servers on one core, direct and behind nginx: what several cost more, not what they bring."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import servers
from bench.population import GROUP_SIZE
from bench.workloads.generator import Generated, Speaker, generate
from bench.workloads.plain_nginx import plain_nginx
from bench.workloads.plan import Plan, Town, settled
from bench.workloads.served import Served, serving
from bench.workloads.shape import Options, Table, Workload, number

PAIRS = 200
PACE = 100  # messages a second, where hints are counted
SPEAKERS = 16


def run(folder: Path, options: Options) -> list[Table]:
    servers.build()
    town = settled(folder / "data", plan())
    return [throughput(folder, town, options), hints(folder, town, options)]


def plan() -> Plan:
    directs = [[number, number + 1] for number in range(0, 2 * PAIRS, 2)]
    return Plan(2 * PAIRS, [*directs, list(range(GROUP_SIZE))])


def group(town: Town) -> list[Speaker]:
    everybody = town.channels[-1]
    return [(one, everybody, int(place < SPEAKERS)) for place, one in enumerate(town.people[:GROUP_SIZE])]


def pairs(town: Town, in_flight: int) -> list[Speaker]:
    """One of each speaks, both hear."""
    return [
        (one, town.channels[place // 2], (1 - place % 2) * in_flight) for place, one in enumerate(town.people)
    ]


def throughput(folder: Path, town: Town, options: Options) -> Table:
    """As much as goes: 16 messages in flight in a group of 100, 4 in each of 200 pairs."""
    seconds = options.size(3, 1)
    rows, figures = [], {}
    for workers, behind in ((1, ""), (2, ""), (4, ""), (1, "nginx"), (2, "nginx")):
        with serving(folder, workers) as served, reached(folder, served, behind) as (port, pids):
            in_group = generate(folder, port, group(town), "closed", pids, warm=1, measure=seconds)
            in_pairs = generate(folder, port, pairs(town, 4), "closed", pids, warm=1, measure=seconds)
        rows.append(throughput_row(workers, behind, in_group, in_pairs))
        key = f"several.{workers}{'.nginx' if behind else ''}"
        figures[f"{key}.delivery_us"] = in_group.each("maru", unit="delivered")
        figures[f"{key}.pair_message_us"] = in_pairs.each("maru")
        if behind:
            figures[f"{key}.nginx_delivery_us"] = in_group.each("nginx", unit="delivered")
            figures[f"{key}.nginx_message_us"] = in_pairs.each("nginx")
    columns = [
        "servers", "deliveries/s", "µs a delivery: Maru", "Valkey", "nginx",
        "1:1 messages/s", "µs a message: Maru", "Valkey", "nginx",
    ]  # fmt: skip
    return Table("Several servers, as much as goes", columns, rows, figures)


def throughput_row(workers: int, behind: str, in_group: Generated, in_pairs: Generated) -> list[str]:
    cells = [f"{workers}{' behind nginx' if behind else ''}"]
    for measured, unit in ((in_group, "delivered"), (in_pairs, "acked")):
        cells.append(number(float(measured.result[unit])))
        cells += [number(measured.each(name, unit=unit)) for name in ("maru", "valkey")]
        cells.append(number(measured.each("nginx", unit=unit)) if behind else "")
    return cells


@contextmanager
def reached(folder: Path, served: Served, behind: str) -> Iterator[tuple[int, dict[str, int]]]:
    """The port where clients come, and every process on their way."""
    if not behind:
        yield served.port, served.pids
        return
    with plain_nginx(folder / "nginx", served.port) as (port, pids):
        yield port, {**served.pids, **pids}


def hints(folder: Path, town: Town, options: Options) -> Table:
    """Everybody is on the first server; the others hear of each message and have nobody to tell."""
    rows, figures = [], {}
    for workers in (1, 2, 4):
        with serving(folder, workers) as served:
            paced = generate(
                folder, served.ports[0], pairs(town, 1), "paced", served.pids, rate=PACE, measure=options.size(6, 2)
            )  # fmt: skip
        first, *others = (
            1e6 * paced.cpu[name] / float(paced.result["acked"]) for name in served.chat_servers()
        )
        each = sum(others) / len(others) if others else 0.0
        valkey = paced.each("valkey")
        rows.append([str(workers), number(first), number(each) if others else "", number(valkey)])
        figures[f"hint.{workers}.speaking_us"] = first
        figures[f"hint.{workers}.each_other_us"] = each
        figures[f"hint.{workers}.valkey_us"] = valkey
    columns = ["servers", "µs a message: where it is said", "each other server", "Valkey"]
    note = f"{PACE} 1:1 messages a second. A server without clients does nothing else than hear (a sweep in 3 s apart)."
    return Table("What a hint costs", columns, rows, figures, [note])


WORKLOAD = Workload("several_servers", "Several servers", run)
