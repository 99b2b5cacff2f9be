"""What people do: one action a file. `perform` begins it and returns soon; how often is its weight, beside the others.

To add one, write its file and put it into ACTIONS.
"""

import random
from types import ModuleType
from typing import Protocol

from tests.chaos.actions import (
    come_and_go,
    crash,
    delete,
    direct,
    edit,
    group,
    join,
    leave,
    look_back,
    lose_disk,
    read,
    send,
    send_long,
    switch,
)
from tests.chaos.stage import Stage


class Action(Protocol):
    """A module with these."""

    WEIGHT: int

    async def perform(self, stage: Stage, chance: random.Random) -> None: ...


_MODULES: tuple[ModuleType, ...] = (
    send, send_long, edit, delete, read, look_back, join, leave, group, direct, switch, crash, come_and_go, lose_disk,
)  # fmt: skip
ACTIONS: dict[str, Action] = {module.__name__.rsplit(".", 1)[-1]: module for module in _MODULES}  # type: ignore[misc]
