"""Go to another server, by another transport."""

import random

from tests.chaos.actions.choices import talking_device
from tests.chaos.stage import Stage
from tests.client.rest import Rest
from tests.client.wire import RUNGS

WEIGHT = 5


async def perform(stage: Stage, chance: random.Random) -> None:
    async with stage.moving:
        device = talking_device(stage, chance)
        if device is not None:
            device.rest = Rest(stage.address(), device.rest.headers)
            await device.switch(chance.choice((*RUNGS, "websocket", None)))
