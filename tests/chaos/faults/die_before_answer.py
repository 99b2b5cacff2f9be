"""A server dies on its event loop, with a transaction on disk and its answers in hand."""

import random

from tests.chaos.faults.arming import arm
from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await arm(stage, chance, "before-answer", "die")
