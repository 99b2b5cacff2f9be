"""Say something, now and then something long."""

import random

from tests.chaos.actions.choices import any_of, talking_device
from tests.chaos.stage import Stage

WEIGHT = 60
LONG_SHARE = 0.02


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    channel = device and any_of(chance, device.here())
    if device is None or not channel:
        return
    text = f"{device.name} 마루 {chance.getrandbits(32):08x}"
    if chance.random() < LONG_SHARE:
        text += "가" * 15_000
    device.send(channel, text)
