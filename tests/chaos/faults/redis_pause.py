"""Valkey stands still for a while: connected, and not answering."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "redis"


async def strike(stage: Stage, chance: random.Random) -> None:
    lines = stage.cluster.lines_to_valkey
    for line in lines:
        line.stall()
    await asyncio.sleep(chance.uniform(0.5, 4))
    for line in lines:
        line.heal()
