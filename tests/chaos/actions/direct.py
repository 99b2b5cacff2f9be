"""Begin to talk to one person alone."""

import random

from tests.chaos.stage import Stage

WEIGHT = 1


async def perform(stage: Stage, chance: random.Random) -> None:
    one, other = chance.sample(stage.people, 2)
    await stage.open_direct(one, other)
