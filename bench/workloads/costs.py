"""What single things cost: a connection that is only there, a sign-in, a message and a delivery of a quiet server."""

from pathlib import Path

from bench import servers
from bench.population import GROUP_SIZE
from bench.workloads.caller import Caller
from bench.workloads.generator import Speaker, generate
from bench.workloads.plan import PASSWORD, Plan, Stretch, Town, settled
from bench.workloads.served import Served, serving
from bench.workloads.shape import Options, Table, Workload, number
from bench.workloads.small_talk import asking, typing_and_reading
from bench.workloads.usage import Used, memory_of

PACE = 100  # messages a second: too few to be gathered
PAIRS = 50

Cost = tuple[str, str, float, str]
"""Name of the figure, what it is of, how much, unit."""


def run(folder: Path, options: Options) -> list[Table]:
    servers.build()
    town = settled(folder / "data", plan(options.size(2_000, 200)))
    found: list[Cost] = []
    for measure in (connections, spoken, beside, asked, signed_in):
        with serving(folder) as served:
            found += measure(served, town, folder, options)
    rows = [[what, number(value), unit] for _, what, value, unit in found]
    return [
        Table(
            "What single things cost",
            ["", "", ""],
            rows,
            {f"cost.{name}": value for name, _, value, _ in found},
        )
    ]


def plan(people: int) -> Plan:
    """Neighbours share a direct channel, so that each is told of another's presence; the first hundred are a group."""
    directs = [[number, number + 1] for number in range(0, people, 2)]
    said = [Stretch("said", [len(directs)], 500)]
    return Plan(people, [*directs, list(range(GROUP_SIZE))], said, passwords=1)


def connections(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """Of so many that only listen: CPU to make them, memory while they are there, CPU that keeps them."""
    idle: list[Speaker] = [(person, town.channels[0], 0) for person in town.people]
    before = {name: memory_of(pid) for name, pid in served.pids.items()}
    with Used(served.pids) as whole:
        held = generate(folder, served.port, idle, "idle", served.pids, warm=2, measure=options.size(20, 3))
    count = len(idle)
    kept = {name: share * whole.seconds for name, share in held.cpu.items()}
    memory = {name: (held.memory[name] - before[name]) / count / 1024 for name in served.pids}
    return [
        ("connect_us", "a connection made: handshake, session, greeting, presence",
         1e6 * (whole.cpu["maru"] - kept["maru"]) / count, "µs"),
        ("connect_valkey_us", "the same: Valkey", 1e6 * (whole.cpu["valkey"] - kept["valkey"]) / count, "µs"),
        ("connection_kib", "a connection that is there, with its person's presence: memory", memory["maru"], "KiB"),
        ("connection_valkey_kib", "the same: Valkey", memory["valkey"], "KiB"),
        ("idle_us", "the same: CPU in a second", 1e6 * held.cpu["maru"] / count, "µs"),
        ("idle_valkey_us", "the same: Valkey", 1e6 * held.cpu["valkey"] / count, "µs"),
        ("process_mib", "a process that nobody uses: memory", before["maru"] / (1 << 20), "MiB"),
    ]  # fmt: skip


def spoken(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """The same pace once with two listeners a message and once with a hundred: two equations."""
    seconds = options.size(10, 2)
    group = [(person, town.channels[-1], 1) for person in town.people[:GROUP_SIZE]]
    pairs = [(town.people[one], town.channels[one // 2], 1 - one % 2) for one in range(2 * PAIRS)]
    in_group = generate(folder, served.port, group, "paced", served.pids, rate=PACE, measure=seconds)
    in_pairs = generate(folder, served.port, pairs, "paced", served.pids, rate=PACE, measure=seconds)
    delivery = (in_group.each("maru") - in_pairs.each("maru")) / (GROUP_SIZE - 2)
    message = in_pairs.each("maru") - 2 * delivery
    return [
        (
            "message_us",
            f"a message, {PACE} a second: checked, on the disk, acknowledged, hinted",
            message,
            "µs",
        ),
        ("message_valkey_us", "the same: Valkey", in_pairs.each("valkey"), "µs"),
        ("delivery_us", "each delivery of it", delivery, "µs"),
        (
            "ack_ms",
            "how long it takes to be acknowledged, p50",
            float(in_pairs.result["ack_ms"]["p50"]),
            "ms",
        ),
    ]


def beside(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """What is said and is no message."""
    said = typing_and_reading(served, town, options.size(200, 20))
    return [
        ("typing_us", "a typing notice to one other", said["typing"], "µs"),
        (
            "read_us",
            "a read marker: on the disk, told to the own devices and to the other",
            said["read"],
            "µs",
        ),
    ]


def asked(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """What is asked for."""
    found = asking(served, town, options.size(300, 10))
    return [
        ("poll_us", "a poll that finds nothing", found["poll"], "µs"),
        ("open_us", "a channel that is opened by REST: 50 messages, presence", found["open"], "µs"),
    ]


def signed_in(served: Served, town: Town, folder: Path, options: Options) -> list[Cost]:
    """With the password: argon2id, the session, the answer."""
    login = {"username": "person0", "password": PASSWORD, "token": True}
    count = options.size(50, 3)
    with Caller(served.port) as caller:
        caller.ask("POST", "/api/v1/auth/login", login)
        with Used(served.pids) as used:
            answers = [caller.ask("POST", "/api/v1/auth/login", login) for _ in range(count)]
    wrong = [answer for answer in answers if answer.status != 200]
    if wrong:
        raise RuntimeError(f"nobody can sign in: {wrong[0].body!r}")
    return [("sign_in_us", "a sign-in with the password (argon2id)", 1e6 * used.cpu["maru"] / count, "µs")]


WORKLOAD = Workload("costs", "What single things cost", run)
