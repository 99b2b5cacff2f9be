"""The store's file cannot grow any more, for a while: every write beyond its size fails (EFBIG)."""

import asyncio
import random
import resource

from tests.chaos.stage import Stage

LANE = "servers"
ROOM_BYTES = 16 * 1024


async def strike(stage: Stage, chance: random.Random) -> None:
    size = (stage.cluster.store / "data.mdb").stat().st_size + ROOM_BYTES
    limited = [place.pid for place in stage.cluster.places if place.alive]
    _limit(limited, size)
    await asyncio.sleep(chance.uniform(0.5, 2))
    _limit(limited, resource.RLIM_INFINITY)


def _limit(pids: list[int], size: int) -> None:
    """The soft limit only, so that it can be lifted again."""
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
