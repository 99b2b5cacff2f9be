"""One run from its schedule to its history."""

import asyncio
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import cast

from tests.chaos import history as told
from tests.chaos.actions import ACTIONS
from tests.chaos.cluster import Cluster, running
from tests.chaos.elsewhere import reached
from tests.chaos.ending import put_on_record, settle
from tests.chaos.faults import FAULTS
from tests.chaos.history import History
from tests.chaos.product import copy_product
from tests.chaos.schedule import Blow, Schedule
from tests.chaos.stage import Stage
from tests.chaos.supervised import Supervised
from tests.chaos.watched import Recorder
from tests.client.wire import Violation


async def run(schedule: Schedule, folder: Path, program: Path | None = None) -> History:
    """Start a cluster in `folder`, let everything happen, and return what was seen of it. `program`: a copy of the
    product, perhaps with a bug in it; else one is made of the product as it is."""
    program = program or copy_product(folder / "program")
    history = History()
    async with running(_cluster(schedule, folder, program)) as cluster:
        await _Drama(schedule, cluster, folder, history).play()
    return history


def _cluster(schedule: Schedule, folder: Path, program: Path) -> Cluster:
    if schedule.cluster == "supervised":
        return Supervised(folder, schedule.servers, program)
    faked = any(blow.fault == "clock_step" for blow in schedule.blows)
    return Cluster(folder, schedule.servers, program, faked=faked)


async def run_at(url: str, schedule: Schedule, folder: Path) -> History:
    """The same with a Maru that somebody else runs; the schedule may only break the network."""
    history = History()
    async with reached(url, schedule.servers) as elsewhere:
        await _Drama(schedule, cast(Cluster, elsewhere), folder, history).play()
    return history


class _Drama:
    """The acts and the blows, at the same time."""

    def __init__(self, schedule: Schedule, cluster: Cluster, folder: Path, history: History) -> None:
        self._schedule = schedule
        self._recorder = Recorder(history)
        self._stage = Stage(cluster, folder, self._recorder, random.Random(schedule.seed))
        self._acted = False
        self._lanes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def play(self) -> None:
        """What nobody can go on from (the very start fails) is on record as well."""
        try:
            await self._stage.fill(self._schedule.people, self._schedule.devices_each)
            await self._act()
            await self._stage.cluster.heal()
            await settle(self._stage, self._schedule.quiet_seconds)
            await put_on_record(self._stage, last_restart=self._schedule.last_restart)
        except AssertionError as broken:
            self._recorder.note(told.Failed, device="the run", why=repr(broken))
        finally:
            await self._stage.leave()

    async def _act(self) -> None:
        """All acts at their pace, and each blow behind its act; until the last of them is over. What still waits for
        its lane by then is left out."""
        blows = sorted(self._schedule.blows, key=lambda blow: blow.after)
        began = time.monotonic()
        async with asyncio.TaskGroup() as under_way:
            for number in range(self._schedule.acts):
                while blows and blows[0].after <= number:
                    under_way.create_task(self._strike(blows.pop(0)))
                name, chance = self._schedule.act(number)
                under_way.create_task(self._perform(name, chance))
                due = began + (number + 1) / self._schedule.acts_a_second
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._acted = True
        self._note_dead()

    async def _perform(self, name: str, chance: random.Random) -> None:
        try:
            await ACTIONS[name].perform(self._stage, chance)
        except Violation as broken:
            self._recorder.note(told.Failed, device=f"who wanted to {name}", why=repr(broken))

    def _note_dead(self) -> None:
        """Each fault of a server starts again what it ended; so whoever is not there now ended by themselves."""
        for name in self._stage.cluster.dead():
            self._recorder.note(told.Failed, device=name, why="it ended by itself")

    async def _strike(self, blow: Blow) -> None:
        fault = FAULTS[blow.fault]
        async with self._lanes[fault.LANE]:
            if self._acted:
                return  # those before it took long, and nobody is talking any more
            if fault.LANE == "servers":
                self._note_dead()
            self._recorder.note(
                told.Struck, fault=blow.fault, what=f"after act {blow.after}, seed {blow.seed}"
            )
            try:
                await fault.strike(self._stage, random.Random(blow.seed))
            except (
                RuntimeError,
                AssertionError,
                OSError,
            ) as broken:  # a server that does not start, or is gone
                self._recorder.note(told.Failed, device="a server", why=str(broken)[-2000:])
            self._recorder.note(told.Healed, fault=blow.fault)
