"""The store is put back to a copy that was made some seconds before. What was acknowledged since is gone, and nothing
else; every device has to begin anew."""

import asyncio
import random

from tests.chaos import history as told
from tests.chaos.stage import Stage

LANE = "servers"
NOTED_SECONDS = (
    6.5  # the server notes outside its store every five how far it has come; what is younger goes unnoticed
)


async def strike(stage: Stage, chance: random.Random) -> None:
    cluster, copy = stage.cluster, stage.cluster.folder / "copy"
    await cluster.kill_all()
    copied_at = stage.recorder.now()
    cluster.copy_store(copy)
    await cluster.start_all()
    await asyncio.sleep(chance.uniform(NOTED_SECONDS, NOTED_SECONDS + 2))
    await cluster.kill_all()
    cluster.restore_store(copy)
    stage.recorder.note(told.Restored, copied_at=copied_at)
    stage.recorder.histories += 1
    await cluster.start_all()
