"""Take back what one said."""

import random

from tests.chaos.actions.choices import own_message, talking_device
from tests.chaos.stage import Stage

WEIGHT = 4


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    message = device and own_message(device, chance)
    if device and message:
        device.delete(message["channel_id"], message["seq"])
