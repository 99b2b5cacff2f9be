"""`kill -9` of all servers at once, as when the power goes."""

import random

from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await stage.cluster.kill_all()
    await stage.cluster.start_all()
