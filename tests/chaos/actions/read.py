"""Have read everything that is on the screen."""

import random

from tests.chaos.actions.choices import any_of, talking_device
from tests.chaos.stage import Stage

WEIGHT = 10


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    channel = device and any_of(chance, device.here())
    if device and channel:
        device.mark_read(channel, device.last(channel))
