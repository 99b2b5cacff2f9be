"""nginx reads its configuration anew: its new workers take the new connections, its old ones end when theirs do."""

import asyncio
import random

from tests.chaos.stage import Stage
from tests.chaos.supervised import Supervised

LANE = "nginx"
ONLY_AT = "supervised"


async def strike(stage: Stage, chance: random.Random) -> None:
    assert isinstance(stage.cluster, Supervised)
    stage.cluster.nginx.reload()
    await asyncio.sleep(chance.uniform(0, 2))
