"""Change what one said."""

import random

from tests.chaos.actions.choices import own_message, talking_device
from tests.chaos.stage import Stage

WEIGHT = 8


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    message = device and own_message(device, chance)
    if device and message:
        device.edit(message["channel_id"], message["seq"], f"{device.name} 고침 {chance.getrandbits(32):08x}")
