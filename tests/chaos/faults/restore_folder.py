"""The whole data folder is put back to an older copy, as README.md tells operators: stop, copy; later stop, put the
copy in place, delete `store.high-water`, start. However young the copy is, every device has to begin anew."""

import asyncio
import random

from tests.chaos import history as told
from tests.chaos.stage import Stage

LANE = "servers"


async def strike(stage: Stage, chance: random.Random) -> None:
    cluster, backup = stage.cluster, stage.cluster.folder / "backup"
    await cluster.stop_all()
    copied_at = stage.recorder.now()
    cluster.back_up(backup)
    await cluster.start_all()
    await asyncio.sleep(chance.uniform(0.5, 6))
    await cluster.stop_all()
    cluster.put_back(backup)
    stage.recorder.note(told.Restored, copied_at=copied_at)
    stage.recorder.histories += 1
    await cluster.start_all()
