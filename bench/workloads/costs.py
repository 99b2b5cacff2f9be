"""What single things cost, alone: a connection that is only there, a sign-in, a message and a delivery of a quiet server."""

import os
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.scenarios import GROUP_SIZE
from bench.workloads.caller import Caller
from bench.workloads.generator import generate
from bench.workloads.plan import PASSWORD, Plan, Town, settled
from bench.workloads.served import Served, serving
from bench.workloads.shape import Options, Table, Workload, number
from bench.workloads.usage import Used, memory_of

PACE = 100  # messages a second: too few to be gathered
PAIRS = 50


@dataclass(frozen=True)
class Cost:
    """One line of the table, and the figure's name."""

    name: str
    what: str
    value: float
    unit: str


def run(folder: Path, options: Options) -> list[Table]:
    servers.build()
    idle = options.size(2_000, 300)
    town = settled(folder / "data", plan(idle))
    found: list[Cost] = []
    for measure in (connections, spoken, signed_in):
        with serving(folder) as served:
            found += measure(served, town, folder, options)
    rows = [[cost.what, number(cost.value), cost.unit] for cost in found]
    figures = {f"cost.{cost.name}": cost.value for cost in found}
    return [Table("What single things cost", ["", "", ""], rows, figures)]


def plan(people: int) -> Plan:
    """Neighbours share a direct channel, so that each is told of another's presence; then a group."""
    directs = [[number, number + 1] for number in range(0, people, 2)]
    return Plan(people, [*directs, list(range(GROUP_SIZE))], passwords=1)


def connections(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """Idle ones: memory of the process and of Valkey, CPU, and what making them took."""
    before = {name: memory_of(pid) for name, pid in served.pids.items()}
    idle = [(person.token, town.channels[0].channel_id, 0) for person in town.people]
    cpu_before = Used(served.pids)
    with cpu_before as opening:
        generate(folder, served.port, idle, "idle", served.pids, warm=0, measure=0.1)
    # The generator has gone; what follows measures them while they stay.
    seconds = options.size(30, 3)
    held = generate(folder, served.port, idle, "idle", served.pids, warm=1, measure=seconds, memory=True)
    count = len(idle)
    return [
        Cost("connect_cpu_us", "a connection: handshake, sign-in, greeting, presence, parting", 1e6 * opening.cpu["maru"] / count, "µs"),
        Cost("connection_kib", "one that is idle, with its person's presence: memory of Maru", (held.memory["maru"] - before["maru"]) / count / 1024, "KiB"),
        Cost("connection_valkey_kib", "the same: memory of Valkey", (held.memory["valkey"] - before["valkey"]) / count / 1024, "KiB"),
        Cost("idle_cpu_us", "the same: CPU of Maru in a second", 1e6 * held.cpu["maru"] / count, "µs"),
        Cost("idle_valkey_cpu_us", "the same: CPU of Valkey in a second", 1e6 * held.cpu["valkey"] / count, "µs"),
    ]


def spoken(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """Two paces of one rate, one with two listeners a message and one with a hundred: two equations."""
    seconds = options.size(10, 2)
    group = town.channels[-1].channel_id
    loud = [(person.token, group, 1) for person in town.people[:GROUP_SIZE]]
    pairs = [
        (town.people[number].token, town.channels[number // 2].channel_id, 1 - number % 2)
        for number in range(2 * PAIRS)
    ]
    in_group = generate(folder, served.port, loud, "paced", served.pids, rate=PACE, measure=seconds)
    in_pairs = generate(folder, served.port, pairs, "paced", served.pids, rate=PACE, measure=seconds)
    delivery = (in_group.each("maru") - in_pairs.each("maru")) / (GROUP_SIZE - 2)
    message = in_pairs.each("maru") - 2 * delivery
    return [
        Cost("message_cpu_us", f"a message, {PACE} a second: parsed, checked, on the disk, acknowledged, hinted", message, "µs"),
        Cost("message_valkey_cpu_us", "the same: CPU of Valkey", in_pairs.each("valkey"), "µs"),
        Cost("delivery_cpu_us", "each delivery of it", delivery, "µs"),
    ]


def signed_in(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """argon2id, the session, the answer."""
    login = {"username": "person0", "password": PASSWORD, "token": True}
    count = options.size(50, 3)
    with Caller(served.port) as caller:
        caller.ask("POST", "/api/v1/auth/login", login)
        with Used(served.pids) as used:
            answers = [caller.ask("POST", "/api/v1/auth/login", login) for _ in range(count)]
    assert all(answer.status == 200 for answer in answers), answers[0]
    return [Cost("sign_in_cpu_us", "a sign-in, argon2id", 1e6 * used.cpu["maru"] / count, "µs")]


WORKLOAD = Workload("costs", "What single things cost", run)
