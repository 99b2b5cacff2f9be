"""A server dies at the end of a transaction that is not on disk yet: nothing of it may have been acknowledged."""

import random

from tests.chaos.faults.arming import arm
from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await arm(stage, chance, "before-sync", "die")
