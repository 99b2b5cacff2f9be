"""Nothing moves between clients and one server: they are slow readers, whose buffers fill."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "network"


async def strike(stage: Stage, chance: random.Random) -> None:
    line = chance.choice(stage.cluster.places).line
    line.stall()
    await asyncio.sleep(chance.uniform(0.5, 4))
    line.heal()
