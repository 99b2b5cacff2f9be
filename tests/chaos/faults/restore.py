"""The store is put back to a copy that was made some seconds before. What was acknowledged since is gone, and nothing
else; every device has to begin anew."""

import asyncio
import random

from tests.chaos import history as told
from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    await put_back(stage, chance.uniform(1, 4))


async def put_back(stage: Stage, seconds: float) -> None:
    cluster, copy = stage.cluster, stage.cluster.folder / "copy"
    await cluster.kill_all()
    copied_at = stage.recorder.now()
    cluster.copy_store(copy)
    await cluster.start_all()
    await asyncio.sleep(seconds)
    await cluster.kill_all()
    cluster.restore_store(copy)
    stage.recorder.note(told.Restored, copied_at=copied_at)
    await cluster.start_all()
