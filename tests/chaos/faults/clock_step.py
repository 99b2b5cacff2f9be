"""The first server's wall clock jumps, forwards or backwards, and stays so until it is set right."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "clock"
ONLY_AT = "servers"
SEEN_SECONDS = 1.0  # until the process has looked


async def strike(stage: Stage, chance: random.Random) -> None:
    place = stage.cluster.places[0]
    place.clock.write_text(f"{chance.choice((-3600, -30, -2, 2, 30, 3600)):+d}")
    await asyncio.sleep(SEEN_SECONDS + chance.uniform(0.5, 3))
    place.clock.write_text("+0")
