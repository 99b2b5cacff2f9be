"""Everything between clients and one server takes its time."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "network"


async def strike(stage: Stage, chance: random.Random) -> None:
    line = chance.choice(stage.cluster.places).line
    line.delay_seconds = chance.uniform(0.05, 0.3)
    await asyncio.sleep(chance.uniform(1, 4))
    line.heal()
