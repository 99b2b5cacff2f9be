"""One server after the other is exchanged, in order: stopped and started again, or by SIGHUP
to their supervisor."""

import random

from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await stage.cluster.roll()
