"""Say something."""

import random

from tests.chaos.actions.choices import any_of, talking_device
from tests.chaos.stage import Stage

WEIGHT = 60


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    channel = device and any_of(chance, device.here())
    if device is None or not channel:
        return
    device.send(channel, f"{device.name} 마루 {chance.getrandbits(32):08x}")
