"""What people do in a measurement, and which number of it counts. A further one is an entry here."""

from dataclasses import dataclass, field
from pathlib import Path

from bench.peer import Kind, Peer

GROUP_SIZE = 100
PAIRS = 200
STORM = 2_000


@dataclass(frozen=True)
class Scenario:
    """`people` connect, the first `speakers` of them (of pairs: one of each) keep `in_flight` messages under way.

    `unit` is what is counted; `half_of` names the scenario whose rate, halved, is the rate of this one: then delays
    are compared, counted from when a message was due.
    """

    name: str
    title: str
    unit: str
    kind: Kind
    people: int
    speakers: int
    in_flight: int = 1
    mode: str = "closed"
    half_of: str = ""
    options: dict[str, float] = field(default_factory=dict)

    @property
    def counts(self) -> str:
        """The field of the load generator's answer."""
        return "delivered" if self.kind == "group" else "acked"


DELIVERIES, ACKED = "deliveries/s", "acked messages/s"
LIVE = (
    Scenario("group_16", "group of 100, 16 messages in flight", DELIVERIES, "group", GROUP_SIZE, 16),
    Scenario("group_1", "group of 100, 1 message in flight", DELIVERIES, "group", GROUP_SIZE, 1),
    Scenario("pairs_4", f"{PAIRS} pairs, 4 messages in flight each", ACKED, "direct", 2 * PAIRS, PAIRS, 4),
    Scenario("pairs_1", f"{PAIRS} pairs, 1 message in flight each", ACKED, "direct", 2 * PAIRS, PAIRS, 1),
    Scenario(
        "group_half", "group of 100, half of what it can", DELIVERIES, "group", GROUP_SIZE, GROUP_SIZE,
        mode="paced", half_of="group_16",
    ),
    Scenario(
        "pairs_half", f"{PAIRS} pairs, half of what it can", ACKED, "direct", 2 * PAIRS, PAIRS,
        mode="paced", half_of="pairs_4",
    ),
    Scenario(
        "group_100", "group of 100, 100 messages/s", DELIVERIES, "group", GROUP_SIZE, GROUP_SIZE,
        mode="paced", options={"rate": 100},
    ),
    Scenario(
        "storm", f"{STORM:,} sign in at once", "live/s", "direct", STORM, 0, mode="storm", options={"at_once": 256}
    ),
)  # fmt: skip
PROOF = (
    Scenario("ceiling_group", "ceiling: group of 100, 16 in flight", DELIVERIES, "group", GROUP_SIZE, 16),
    Scenario("ceiling_pairs", f"ceiling: {PAIRS} pairs, 4 in flight", ACKED, "direct", 2 * PAIRS, PAIRS, 4),
)


def write_people(
    scenario: Scenario, peer: Peer, folder: Path, first: int = 0, end: int | None = None
) -> Path:
    """The load generator's list of connections: all people of the scenario, or those from `first` to before `end`."""
    lines = []
    for number in range(first, scenario.people if end is None else end):
        seat = peer.seat(folder, number, scenario.kind)
        in_flight = scenario.in_flight if _speaks(scenario, number) else 0
        lines.append(f"{seat.user} {seat.token} {seat.channel} {in_flight}\n")
    path = folder / f"people-{scenario.name}-{first}"
    path.write_text("".join(lines))
    return path


def _speaks(scenario: Scenario, number: int) -> bool:
    if scenario.kind == "direct":
        return number % 2 == 0 and number // 2 < scenario.speakers
    return number < scenario.speakers
