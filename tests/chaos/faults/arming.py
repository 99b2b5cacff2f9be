"""Failpoints, as the faults that use them need them: arm one, wait for it, start again what died of it."""

import asyncio
import random

from tests.chaos.stage import Stage

PATIENCE_SECONDS = 5.0  # for the next commit to come
STEP_SECONDS = 0.05


async def arm(stage: Stage, chance: random.Random, point: str, deed: str) -> None:
    """At the next commit of some server that gets to `point`: die there, or raise."""
    place = chance.choice(stage.cluster.places)
    place.armed.write_text(f"{point} {deed}")
    for _ in range(int(PATIENCE_SECONDS / STEP_SECONDS)):
        await asyncio.sleep(STEP_SECONDS)
        if not place.armed.exists():
            break
    place.armed.unlink(missing_ok=True)
    await asyncio.sleep(4 * STEP_SECONDS)  # its last moments
    if not place.alive:
        place.kill9()
        await place.start()
