"""A partition in one direction: one side hears the other, and is not heard. What was not heard is lost, as on a
connection that then ends."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "network"


async def strike(stage: Stage, chance: random.Random) -> None:
    line = chance.choice(stage.cluster.places).line
    line.deaf = chance.choice(("client", "server"))
    await asyncio.sleep(chance.uniform(0.5, 3))
    line.cut()
    line.heal()
