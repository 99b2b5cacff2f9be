"""A device loses its memory and goes on from its disk."""

import random

from tests.chaos.actions.choices import talking_device
from tests.chaos.stage import Stage

WEIGHT = 2


async def perform(stage: Stage, chance: random.Random) -> None:
    async with stage.moving:
        device = talking_device(stage, chance)
        if device is not None:
            await device.crash()
