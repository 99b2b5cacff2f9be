"""A commit fails at one of its steps: the transaction raises before or after it is on disk, or the server dies there,
or just before anybody is told."""

import asyncio
import random

from tests.chaos.stage import Stage

LANE = "servers"
DEEDS = (
    "before-sync die", "before-sync raise", "after-sync die", "after-sync raise", "before-answer die",
    "before-hint die",
)  # fmt: skip
PATIENCE_SECONDS = 5.0  # for the next commit to come


async def strike(stage: Stage, chance: random.Random) -> None:
    place = chance.choice(stage.cluster.places)
    await arm(stage, stage.cluster.places.index(place), chance.choice(DEEDS))


async def arm(stage: Stage, number: int, deed: str) -> None:
    """Let it happen at one server, and start that again if it died of it."""
    place = stage.cluster.places[number]
    place.armed.write_text(deed)
    for _ in range(int(PATIENCE_SECONDS / 0.05)):
        await asyncio.sleep(0.05)
        if not place.armed.exists():
            break
    place.armed.unlink(missing_ok=True)
    await asyncio.sleep(0.2)
    if not place.alive:
        place.kill9()
        await place.start()
