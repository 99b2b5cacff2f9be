"""SIGSTOP of one server, and SIGCONT after a while: it goes on as if no time had passed."""

import asyncio
import random
import signal

from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    place = chance.choice(stage.cluster.places)
    place.signal(signal.SIGSTOP)
    await asyncio.sleep(chance.uniform(0.5, 4))
    place.signal(signal.SIGCONT)
