"""One server after the other is stopped in order and started again."""

import random

from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    for place in stage.cluster.places:
        await place.stop()
        await place.start()
