"""Read an acknowledged message of one's own again, at any server, right after the acknowledgement."""

import random

from tests.chaos import history as told
from tests.chaos.actions.choices import any_of, talking_device
from tests.chaos.stage import Stage
from tests.client.wire import Problem, Unreachable

WEIGHT = 4


async def perform(stage: Stage, chance: random.Random) -> None:
    device = talking_device(stage, chance)
    channel = device and any_of(chance, device.here())
    if device is None or not channel:
        return
    rest = stage.rest(stage.person(device.user_id))
    identity, began = device.new_id(), stage.recorder.now()
    try:
        event, _ = await rest.send(channel, identity, f"{device.name} 다시 {chance.getrandbits(32):08x}")
        again = stage.rest(stage.person(device.user_id))
        page = await again.page(channel, around=event["seq"], limit=20)
    except (Problem, Unreachable):
        return
    stage.recorder.note(
        told.LookedBack,
        person=device.user_id,
        channel=channel,
        seq=event["seq"],
        id=identity,
        events=page["events"],
        began=began,
    )
