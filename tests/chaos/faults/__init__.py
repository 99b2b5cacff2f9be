"""What goes wrong: one fault a file. `strike` does it and puts it right again; it returns when it is over.

Faults of one LANE come one after the other, those of different lanes at the same time. To add one, write its file and
put it into FAULTS. Those of RARE are not drawn for long runs as often as the others.
"""

import random
from types import ModuleType
from typing import Protocol

from tests.chaos.faults import (
    clock_step,
    cut,
    cut_inside,
    delay,
    disk_full,
    failpoint,
    half_open,
    kill,
    kill_all,
    one_way,
    pause,
    redis_cut,
    redis_flush,
    redis_kill,
    redis_pause,
    restore,
    roll,
    stall,
)
from tests.chaos.stage import Stage


class Fault(Protocol):
    """A module with these."""

    LANE: str

    async def strike(self, stage: Stage, chance: random.Random) -> None: ...


_MODULES: tuple[ModuleType, ...] = (
    kill, kill_all, pause, roll, failpoint, disk_full, restore, cut, cut_inside, stall, delay, half_open, one_way,
    redis_kill, redis_flush, redis_pause, redis_cut, clock_step,
)  # fmt: skip
FAULTS: dict[str, Fault] = {module.__name__.rsplit(".", 1)[-1]: module for module in _MODULES}  # type: ignore[misc]
