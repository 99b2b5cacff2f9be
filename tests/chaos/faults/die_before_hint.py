"""A server dies before it tells the other servers of a commit: they look by themselves."""

import random

from tests.chaos.faults.arming import arm
from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await arm(stage, chance, "before-hint", "die")
