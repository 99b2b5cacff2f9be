"""A device loses its disk and begins anew, by another name."""

import random

from tests.chaos.actions.choices import talking_device
from tests.chaos.stage import Stage

WEIGHT = 1


async def perform(stage: Stage, chance: random.Random) -> None:
    async with stage.moving:
        device = talking_device(stage, chance)
        if device is not None:
            await stage.replace_device(device)
