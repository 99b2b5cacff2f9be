"""Valkey's place is taken by another one with nothing in it. For a while some servers talk to the old one and some to
the new, and neither hears the others; then the old one is gone."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "redis"


async def strike(stage: Stage, chance: random.Random) -> None:
    cluster = stage.cluster
    old = cluster.valkey
    new = await asyncio.to_thread(cluster.another_valkey)
    lines = list(cluster.lines_to_valkey)
    chance.shuffle(lines)
    for line in lines:
        line.lead_to(new.socket)
        line.cut()
        await asyncio.sleep(chance.uniform(0.2, 1.5))
    cluster.valkey = new
    old.kill9()
