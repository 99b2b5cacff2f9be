"""Leave a group, or be put out by who made it. Who made it stays."""

import random

from tests.chaos.actions.choices import group_of, talking_device
from tests.chaos.stage import Stage

WEIGHT = 3


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    channel = device and group_of(stage, device, chance)
    if not device or not channel or stage.anchors[channel].user_id == device.user_id:
        return
    leaver = stage.person(device.user_id)
    by = chance.choice([leaver, stage.anchors[channel]])
    removing = stage.rest(by).remove_member(channel, leaver.user_id)
    await stage.call(by, "leave" if by is leaver else "remove", channel, leaver.user_id, removing)
