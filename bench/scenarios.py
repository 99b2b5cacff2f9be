"""What people do in a measurement, and which number of it counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.population import GROUP_SIZE, Person, Population

PAIRS = 200


@dataclass(frozen=True)
class Scenario:
    """`counts`: the field of the load generator's answer that is compared; `in_flight` of those who speak."""

    name: str
    title: str
    unit: str
    counts: str
    speakers: int
    in_flight: int
    mode: str = "closed"
    options: dict[str, float] = field(default_factory=dict)


LIVE = (
    Scenario("group_16", "group of 100, 16 messages in flight", "deliveries/s", "delivered", 16, 1),
    Scenario("group_1", "group of 100, 1 message in flight", "deliveries/s", "delivered", 1, 1),
    Scenario("pairs_4", f"{PAIRS} pairs, 4 messages in flight each", "acked messages/s", "acked", PAIRS, 4),
    Scenario("pairs_1", f"{PAIRS} pairs, 1 message in flight each", "acked messages/s", "acked", PAIRS, 1),
    Scenario(
        "paced",
        "group of 100, 100 messages/s",
        "ms, delivery p99",
        "p99",
        GROUP_SIZE,
        1,
        "paced",
        {"rate": 100},
    ),
)
PROOF = (
    Scenario("ceiling_group", "ceiling: group of 100, 16 in flight", "deliveries/s", "delivered", 16, 1),
    Scenario("ceiling_pairs", f"ceiling: {PAIRS} pairs, 4 in flight", "acked messages/s", "acked", PAIRS, 4),
)


def write_speakers(scenario: Scenario, population: Population, path: Path) -> Path:
    """The load generator's list of connections."""
    return _write(
        path, pairs(scenario, population) if "pairs" in scenario.name else group(scenario, population)
    )


def write_idle(population: Population, connections: int, path: Path) -> Path:
    """One connection a person, who says nothing."""
    return _write(path, [(person.token, person.direct, 0) for person in population.people[:connections]])


def group(scenario: Scenario, population: Population) -> list[tuple[str, str, int]]:
    return [
        (person.token, population.group, scenario.in_flight if number < scenario.speakers else 0)
        for number, person in enumerate(population.people[:GROUP_SIZE])
    ]


def pairs(scenario: Scenario, population: Population) -> list[tuple[str, str, int]]:
    """One of each pair speaks, both hear."""
    return [
        (person.token, person.direct, 0 if number % 2 else scenario.in_flight)
        for number, person in enumerate(population.people[: 2 * scenario.speakers])
    ]


def imagined() -> Population:
    """People for the ceiling, which takes the channel from the token."""
    directs = [f"{number:016x}" for number in range(1, PAIRS + 1)]
    return Population("a" * 16, [Person("", f"x:{direct}", direct) for direct in directs for _ in range(2)])


def _write(path: Path, lines: Sequence[tuple[str, str, int]]) -> Path:
    path.write_text("".join(f"{token} {channel} {in_flight}\n" for token, channel, in_flight in lines))
    return path
