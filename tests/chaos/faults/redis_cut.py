"""One server is cut off from Valkey, the others are not."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "redis"


async def strike(stage: Stage, chance: random.Random) -> None:
    line = chance.choice(stage.cluster.lines_to_valkey)
    line.broken = True
    line.cut()
    await asyncio.sleep(chance.uniform(0.5, 4))
    line.heal()
