"""A server dies when a transaction is on disk and nobody was told: everybody tries again, nothing comes twice."""

import random

from tests.chaos.faults.arming import arm
from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await arm(stage, chance, "after-sync", "die")
