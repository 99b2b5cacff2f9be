"""All connections to one server end at once; now and then new ones are refused for a while."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "network"


async def strike(stage: Stage, chance: random.Random) -> None:
    line = chance.choice(stage.cluster.places).line
    line.broken = chance.random() < 0.5
    line.cut()
    await asyncio.sleep(chance.uniform(0, 2))
    line.heal()
