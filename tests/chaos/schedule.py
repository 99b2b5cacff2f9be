"""What is to happen in a run: everything is drawn from the seed, and can be written down and repeated.

Acts are numbered; a fault comes after so many of them. Which message an edit is about still depends on what was there.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from tests.chaos.actions import ACTIONS
from tests.chaos.faults import possible_at

ClusterKind = Literal["servers", "supervised", "elsewhere"]
"""Several servers; workers of one supervisor behind nginx, with PostgreSQL; a Maru that somebody else runs."""

RARE = frozenset(
    {"restore", "restore_folder", "disk_full", "clock_step", "kill_all", "roll", "kill_supervisor"}
)
RARE_SHARE = 0.45  # of the rounds in which one of them comes


class Blow(msgspec.Struct, frozen=True):
    """A fault: after how many acts, and the seed of its own choices."""

    after: int
    fault: str
    seed: int = 0


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """`mix`: weights of the actions, if not their own. `quiet_seconds`: for everybody to catch up in the end.
    `servers`: how many, or how many workers, or how many ways there."""

    seed: int
    cluster: ClusterKind = "servers"
    servers: int = 2
    people: int = 6
    devices_each: int = 3
    acts: int = 500
    acts_a_second: float = 25.0
    mix: dict[str, int] = {}
    blows: list[Blow] = []
    quiet_seconds: float = 60.0
    last_restart: bool = True

    def act(self, number: int) -> tuple[str, random.Random]:
        """The name of an act, and the chance it is to use."""
        chance = random.Random(f"{self.seed} {number}")
        weights = self.mix or {name: action.WEIGHT for name, action in ACTIONS.items()}
        return chance.choices(list(weights), list(weights.values()))[0], chance


def draw(seed: int, seconds: float, servers: int, people: int, cluster: ClusterKind = "servers") -> Schedule:
    """A schedule of about so many seconds with a fault every three, of every kind in turn, in an order of chance."""
    acts_a_second = 25.0
    chance = random.Random(seed)
    acts = round(seconds * acts_a_second)
    blows, after = [], 0
    for fault in _faults(chance, cluster):
        after += round(chance.uniform(0.5, 5) * acts_a_second)
        if after >= acts - 2 * acts_a_second:
            break
        blows.append(Blow(after, fault, chance.randrange(1 << 32)))
    return Schedule(
        seed=seed,
        cluster=cluster,
        servers=servers,
        people=people,
        acts=acts,
        acts_a_second=acts_a_second,
        blows=blows,
        last_restart=cluster != "elsewhere",
    )  # fmt: skip


def _faults(chance: random.Random, cluster: ClusterKind) -> Iterator[str]:
    """Names without an end, the rare ones rarely."""
    names = possible_at(cluster)
    often, rare = sorted(names - RARE), sorted(names & RARE)
    while True:
        round_of = often + [name for name in rare if chance.random() < RARE_SHARE]
        chance.shuffle(round_of)
        yield from round_of


def read_schedule(path: Path) -> Schedule:
    return msgspec.json.decode(path.read_bytes(), type=Schedule)


def write_schedule(schedule: Schedule, path: Path) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(schedule), indent=2) + b"\n")
