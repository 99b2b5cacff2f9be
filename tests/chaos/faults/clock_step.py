"""One server's wall clock jumps, forwards or backwards, and stays so until it is set right."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "clock"


async def strike(stage: Stage, chance: random.Random) -> None:
    place = chance.choice(stage.cluster.places)
    place.clock.write_text(f"{chance.choice((-3600, -30, -2, 2, 30, 3600)):+d}")
    await asyncio.sleep(chance.uniform(1, 4))
    place.clock.write_text("+0")
