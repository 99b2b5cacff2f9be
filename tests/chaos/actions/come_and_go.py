"""A device is put away; or one that was comes back from its disk."""

import random

from tests.chaos.actions.choices import any_of
from tests.chaos.stage import Stage

WEIGHT = 5
MOST_AWAY_SHARE = 0.3


async def perform(stage: Stage, chance: random.Random) -> None:
    async with stage.moving:
        away = [device for device in stage.devices if not device.running]
        if away and (len(away) > MOST_AWAY_SHARE * len(stage.devices) or chance.random() < 0.5):
            await chance.choice(away).come_back()
        elif (device := any_of(chance, list(stage.talking()))) is not None:
            await device.give_up()
