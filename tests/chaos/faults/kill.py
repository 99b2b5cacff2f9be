"""`kill -9` of one server; it is started again."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    place = chance.choice(stage.cluster.places)
    place.kill9()
    await asyncio.sleep(chance.uniform(0, 1))
    await place.start()
