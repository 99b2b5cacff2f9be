"""PostgreSQL is stopped (in order, or as if it had crashed), is away for a while, and starts again."""

import asyncio
import random
import signal

from tests.chaos.stage import Stage
from tests.chaos.supervised import Supervised

LANE = "postgres"
ONLY_AT = "supervised"


async def strike(stage: Stage, chance: random.Random) -> None:
    assert isinstance(stage.cluster, Supervised)
    postgres = stage.cluster.postgres
    await asyncio.to_thread(postgres.stop, chance.choice((signal.SIGINT, signal.SIGQUIT)))
    await asyncio.sleep(chance.uniform(0, 4))
    await asyncio.to_thread(postgres.start)
