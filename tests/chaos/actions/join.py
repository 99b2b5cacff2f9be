"""Bring somebody into a group."""

import random

from tests.chaos.actions.choices import group_of, talking_device
from tests.chaos.stage import Stage

WEIGHT = 4


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    channel = device and group_of(stage, device, chance)
    if not device or not channel:
        return
    person, newcomer = stage.person(device.user_id), chance.choice(stage.people)
    adding = stage.rest(person).add_member(channel, newcomer.user_id)
    await stage.call(person, "join", channel, newcomer.user_id, adding)
