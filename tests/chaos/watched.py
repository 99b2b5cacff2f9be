"""A device of the tests' own client, all of whose doings go on record."""

import asyncio
import random
import time
from typing import Any

from tests.chaos import history as told
from tests.chaos.history import History
from tests.client.device import Device
from tests.client.log import Change
from tests.client.rest import Rest
from tests.client.storage import Item
from tests.client.wire import Batch, Event, Problem
from tests.flows.crowd import IN_A_HURRY

KEPT_AT_FIRST = 20  # stored cursors of a device that go on record for sure; then less and less of them


class Recorder:
    """Gives records their time."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._began = time.monotonic()
        self.histories = 1
        """How many there were: each restore begins another."""

    def now(self) -> float:
        return round(time.monotonic() - self._began, 4)

    def note(self, record: type[told.Record], /, **fields: Any) -> None:
        self.history.add(record(at=self.now(), **fields))  # type: ignore[arg-type]


class Watched(Device):
    """`name` is unique in the run: a device that lost its disk is another one."""

    def __init__(self, name: str, rest: Rest, user_id: str, recorder: Recorder, **options: Any) -> None:
        self.name = name
        self._recorder = recorder
        self._kept_chance = random.Random(name)
        self._kept = 0
        self._history = recorder.histories
        super().__init__(rest, user_id, **{"pace": IN_A_HURRY, **options})

    @property
    def running(self) -> bool:
        return self._connection is not None

    def new_id(self) -> str:
        return self._new_id()

    async def give_up(self) -> None:
        if self.running:
            self._recorder.note(told.PutAway, device=self.name)
        await super().give_up()

    async def come_back(self) -> None:
        """Start again from what is on its disk."""
        if not self.running:
            await self.crash()
            await self.start()

    async def repeat_reads(self) -> None:
        """Say all read markers again, as at a reconnect."""
        await asyncio.gather(*(self._tell_read(*marker) for marker in self.storage.reads().items()))

    def mark_read(self, channel_id: str, seq: int) -> None:
        self._tell(told.Marked, channel=channel_id, seq=seq)
        super().mark_read(channel_id, seq)

    def _tell(self, record: type[told.Record], /, **fields: Any) -> None:
        self._recorder.note(record, device=self.name, person=self.user_id, **fields)

    def _say_later(self, item: Item) -> str:
        said = {"id": item.client_message_id, "kind": item.kind, "channel": item.channel_id}
        self._tell(told.Asked, **said, text=item.text, target=item.target)
        return super()._say_later(item)

    async def _say(self, item: Item) -> Event | None:
        outcome, code, event, began = "unknown", "", None, self._recorder.now()
        try:
            event = await super()._say(item)
            outcome = "ok"
        except Problem as refusal:
            code = refusal.code
            outcome = "unknown" if refusal.again else "refused"
            raise
        finally:
            self._recorder.note(
                told.Answered,
                device=self.name,
                id=item.client_message_id,
                outcome=outcome,
                code=code,
                event=event,
                began=began,
            )
        return event

    async def _take(self, batch: Batch) -> None:
        start = batch.heads is not None and not batch.resync
        if batch.events or batch.heads is not None:
            self._tell(
                told.Brought, rung=self.ladder.rung, events=batch.events, cursor=batch.cursor, resync=batch.resync,
                start=start,
            )  # fmt: skip
        await super()._take(batch)

    def _restart(self, change: Change, batch: Batch) -> None:
        self._history = self._recorder.histories
        super()._restart(change, batch)

    async def _answered(self, item: Item, event: Event | None) -> None:
        """An answer of a history that this device does not know yet is no row of the one that it shows."""
        known = self._history == self._recorder.histories
        await super()._answered(item, event if known else None)

    async def _fill_gap(self, change: Change, event: Event) -> None:
        place = change.place(event["channel_id"])
        last = place.last if place else 0
        self._recorder.note(
            told.Gap, device=self.name, channel=event["channel_id"], last=last, seq=event["seq"]
        )
        await super()._fill_gap(change, event)

    def _commit(self, change: Change) -> None:
        super()._commit(change)
        cursor = change.writes.cursor
        if cursor is not None and self._kept_chance.random() * self._kept < KEPT_AT_FIRST:
            self._kept += 1
            places = {name: (place.first, place.last, place.here) for name, place in self.places.items()}
            self._tell(told.Kept, cursor=cursor, places=places)

    def _connected(self) -> None:
        self._recorder.note(told.Connected, device=self.name, rung=self.ladder.rung)
        super()._connected()

    async def _connect_once(self) -> Any:
        known = len(self.closes)
        ended = await super()._connect_once()
        code, reason = 0, "a request failed"
        if len(self.closes) > known:
            code, reason = self.closes[-1].code, self.closes[-1].reason
        self._recorder.note(told.Lost, device=self.name, code=code, reason=reason)
        return ended

    def _ended(self, task: asyncio.Task[None]) -> None:
        known = self.failure
        super()._ended(task)
        if known is None and self.failure is not None:
            self._recorder.note(told.Failed, device=self.name, why=repr(self.failure))
