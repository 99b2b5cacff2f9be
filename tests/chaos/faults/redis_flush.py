"""FLUSHALL: everything in Valkey is gone."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "redis"


async def strike(stage: Stage, chance: random.Random) -> None:
    await asyncio.to_thread(stage.cluster.valkey.flush_all)
