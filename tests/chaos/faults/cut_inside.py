"""Connections end in the middle of what they bring."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "network"


async def strike(stage: Stage, chance: random.Random) -> None:
    line = chance.choice(stage.cluster.places).line
    line.cut_inside()
    await asyncio.sleep(1)
    line.heal()
