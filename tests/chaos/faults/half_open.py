"""Connections end for one side, and the other is not told."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "network"


async def strike(stage: Stage, chance: random.Random) -> None:
    line = chance.choice(stage.cluster.places).line
    line.abandon(chance.choice(("client", "server")))
    await asyncio.sleep(chance.uniform(1, 3))
    line.heal()
