"""A transaction fails before it is on disk: it is given up, and everybody in it tries again."""

import random

from tests.chaos.faults.arming import arm
from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await arm(stage, chance, "before-sync", "raise")
