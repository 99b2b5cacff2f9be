"""`kill -9` of Valkey; it is started again, empty."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "redis"


async def strike(stage: Stage, chance: random.Random) -> None:
    stage.cluster.valkey.kill9()
    await asyncio.sleep(chance.uniform(0, 4))
    await asyncio.to_thread(stage.cluster.valkey.start)
