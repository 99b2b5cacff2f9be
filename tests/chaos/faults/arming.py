"""Failpoints, as the faults that use them need them: arm one, wait for it, start again what died of it."""

import asyncio
import random
from pathlib import Path

from tests.chaos.cluster import lives
from tests.chaos.stage import Stage

PATIENCE_SECONDS = 5.0  # for the next commit to come
STEP_SECONDS = 0.05


async def arm(stage: Stage, chance: random.Random, point: str, deed: str) -> None:
    """At the next commit of some server that gets to `point`: die there, or raise."""
    place = chance.choice(stage.cluster.places)
    pid = place.pid
    place.armed.write_text(f"{point} {deed}")
    if await _reached(place.armed) and deed == "die":
        while lives(pid):  # its last moments
            await asyncio.sleep(STEP_SECONDS)
        await place.start()


async def _reached(armed: Path) -> bool:
    """Whether some commit got there in time."""
    for _ in range(int(PATIENCE_SECONDS / STEP_SECONDS)):
        await asyncio.sleep(STEP_SECONDS)
        if not armed.exists():
            return True
    try:
        armed.unlink()
    except FileNotFoundError:
        return True
    return False
