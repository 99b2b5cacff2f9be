"""`kill -9` of nginx, with everything that was on its way through it; it is started again."""

import asyncio
import random

from tests.chaos.stage import Stage
from tests.chaos.supervised import Supervised

LANE = "nginx"
ONLY_AT = "supervised"


async def strike(stage: Stage, chance: random.Random) -> None:
    assert isinstance(stage.cluster, Supervised)
    await asyncio.to_thread(stage.cluster.nginx.kill9)
    await asyncio.sleep(chance.uniform(0, 2))
    await asyncio.to_thread(stage.cluster.nginx.start)
