"""Make a group of some people."""

import random

from tests.chaos.stage import MAX_GROUPS, Stage

WEIGHT = 1


async def perform(stage: Stage, chance: random.Random) -> None:
    if len(stage.anchors) < MAX_GROUPS:
        maker, *others = chance.sample(stage.people, chance.randint(2, len(stage.people)))
        await stage.create_group(maker, others, f"모임 {len(stage.anchors)}")
