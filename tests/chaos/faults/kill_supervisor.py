"""`kill -9` of the supervisor: its workers go in order, as nobody looks after them any more. It is started again."""

import asyncio
import random

from tests.chaos.stage import Stage
from tests.chaos.supervised import Supervised

LANE = "servers"
ONLY_AT = "supervised"


async def strike(stage: Stage, chance: random.Random) -> None:
    assert isinstance(stage.cluster, Supervised)
    await stage.cluster.kill_supervisor()
    await asyncio.sleep(chance.uniform(0, 1))
    await stage.cluster.start_all()
