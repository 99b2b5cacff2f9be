"""What goes wrong: one fault a file. `strike` does it and puts it right again; it returns when it is over.

Faults of one LANE come one after the other, those of different lanes at the same time. To add one, write its file and
put it into FAULTS; `schedule.py` says how often it is drawn.
"""

import random
from types import ModuleType
from typing import Protocol

from tests.chaos.faults import (
    clock_step,
    cut,
    cut_inside,
    delay,
    die_after_sync,
    die_before_answer,
    die_before_hint,
    die_before_sync,
    disk_full,
    half_open,
    kill,
    kill_all,
    kill_supervisor,
    nginx_kill,
    nginx_reload,
    one_way,
    pause,
    postgres_restart,
    raise_after_sync,
    raise_before_sync,
    redis_cut,
    redis_failover,
    redis_flush,
    redis_kill,
    redis_pause,
    restore,
    restore_folder,
    roll,
    stall,
)
from tests.chaos.stage import Stage


class Fault(Protocol):
    """A module with these."""

    LANE: str

    async def strike(self, stage: Stage, chance: random.Random) -> None: ...


_MODULES: tuple[ModuleType, ...] = (
    kill, kill_all, pause, roll, die_before_sync, raise_before_sync, die_after_sync, raise_after_sync,
    die_before_answer, die_before_hint, disk_full, restore, restore_folder, cut, cut_inside, stall, delay, half_open,
    one_way, redis_kill, redis_flush, redis_pause, redis_cut, redis_failover, clock_step, postgres_restart,
    nginx_reload, nginx_kill, kill_supervisor,
)  # fmt: skip
FAULTS: dict[str, Fault] = {module.__name__.rsplit(".", 1)[-1]: module for module in _MODULES}  # type: ignore[misc]


def possible_at(cluster: str) -> set[str]:
    """The faults that such a cluster can have. A module may say ONLY_AT which; a Maru elsewhere is reached by the
    network alone."""
    if cluster == "elsewhere":
        return {name for name, fault in FAULTS.items() if fault.LANE == "network"}
    return {name for name, fault in FAULTS.items() if getattr(fault, "ONLY_AT", cluster) == cluster}
