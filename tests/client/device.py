"""One device of one person: a stored log with its cursor, kept up to date over whatever transport there is.

Everything the protocol promises is looked after while it runs: a broken promise raises Violation, from whatever waits
on the device next.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any

from tests.client.chance import Clock, RealClock, uuid7
from tests.client.ladder import Ladder, Pace, Verdict
from tests.client.log import Change
from tests.client.outbox import Outbox
from tests.client.rest import Rest
from tests.client.storage import Item, MemoryStorage, Place, Storage
from tests.client.transports import Polling, Transport, WebSocket, act_by_rest, open_socket, open_websocket
from tests.client.whereabouts import Whereabouts
from tests.client.wire import Batch, Closed, Event, Json, Problem, Rung, Unreachable, Violation

UNACKNOWLEDGED_EVENTS = 50
CLOSES_BEFORE_REST = 2
HISTORY_KINDS = frozenset({"message", "join", "leave", "channel"})

Witness = Callable[[Event], None]


class Device:
    """Start it, say things, wait until something holds, look at its screen; crash it at will.

    `witness` is told each event once, after it is stored; what is told survives the device's own forgetting.
    """

    def __init__(
        self,
        rest: Rest,
        user_id: str,
        storage: Storage | None = None,
        *,
        rung: Rung | None = None,
        pace: Pace | None = None,
        active: bool = True,
        clock: Clock | None = None,
        chance: random.Random | None = None,
        witness: Witness | None = None,
        discovers: bool = False,
    ) -> None:
        """`discovers`: go to the servers that discovery names; otherwise stay at `rest`."""
        self.rest = rest
        self.where = Whereabouts(lambda: self.rest, discovers)
        self.user_id = user_id
        self.storage: Storage = storage or MemoryStorage()
        self.pace = pace or Pace()
        self.clock: Clock = clock or RealClock()
        self.chance = chance or random.Random()
        self.active = active
        self.witness = witness
        self.ladder = Ladder(self.chance, self.pace.backoff_limit_seconds)
        if rung is not None:
            self.ladder.pin(rung)
        self.failure: BaseException | None = None
        self.gaps = self.resyncs = self.resets = self.connections = 0
        self.closes: list[Closed] = []
        self.heard: list[Json] = []
        self._changed = asyncio.Event()
        self._load()

    def _load(self) -> None:
        """Everything in memory comes from storage."""
        self.id = self.storage.device(uuid7(self.clock, self.chance))
        self.places: dict[str, Place] = self.storage.places()
        self.outbox = Outbox(self.storage)
        self.paused: Verdict | None = None
        self._seen_reads: dict[str, int] = {}
        self._transport: Transport | None = None
        self._left: list[Transport] = []
        self._unacknowledged = 0
        self._acknowledged: str | None = None
        self._taking = asyncio.Lock()
        self._nudged = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pumps: dict[str, asyncio.Task[None]] = {}
        self._connection: asyncio.Task[None] | None = None

    # What a person does

    async def start(self) -> None:
        """Begin to connect, and to send what waits."""
        self._connection = self._spawn(self._stay_connected())
        self._spawn(self._keep_beating())
        self._spawn(self._keep_probing())
        for channel_id in self.outbox.channels():
            self._pump_later(channel_id)

    def send(self, channel_id: str, text: str, reply_to: int | None = None) -> str:
        """Say something; it is in the outbox when this returns. Returns its `client_message_id`."""
        return self._say_later(Item(self._new_id(), "send", channel_id, well_formed(text), reply_to=reply_to))

    def edit(self, channel_id: str, target: int, text: str) -> str:
        return self._say_later(Item(self._new_id(), "edit", channel_id, well_formed(text), target))

    def delete(self, channel_id: str, target: int) -> str:
        return self._say_later(Item(self._new_id(), "delete", channel_id, target=target))

    def _new_id(self) -> str:
        return uuid7(self.clock, self.chance)

    def _say_later(self, item: Item) -> str:
        self.outbox.add(item)
        self._pump_later(item.channel_id)
        return item.client_message_id

    def retry(self, client_message_id: str) -> None:
        """Send a failed item once more, with the same id."""
        self._pump_later(self.outbox.retry(client_message_id).channel_id)

    def mark_read(self, channel_id: str, seq: int) -> None:
        """Everything up to `seq` was seen. Repeated at every connection until the server's event says so."""
        self.storage.put_read(channel_id, seq)
        if self._transport is not None:
            self._spawn(self._tell_read(channel_id, seq))

    async def switch(self, rung: Rung | None) -> None:
        """Use this transport from now on; None: let the ladder choose. Cursor and outbox stay."""
        self.ladder.pin(rung)
        await self._reconnect()

    async def wake(self) -> None:
        """The tab has the focus, or the person signed in again: connect if that was waited for."""
        await self._reconnect()

    async def stop(self) -> None:
        """Close in order. Raises what went wrong meanwhile."""
        await self._end_tasks()
        await self._close_left()
        self.require_well()

    async def give_up(self) -> None:
        """End without a word and without complaint."""
        await self._end_tasks()
        while self._left:
            self._left.pop().abort()

    async def crash(self) -> None:
        """Drop everything in memory without a word, and start again from storage, if it was running."""
        running = self._connection is not None
        await self.give_up()
        self.storage.close()
        self.storage.reopen()
        self._load()
        self._pulse()
        if running:
            await self.start()

    # What a person sees

    @property
    def transport(self) -> Transport | None:
        """The connection of the moment."""
        return self._transport

    @property
    def cursor(self) -> str | None:
        return self.storage.cursor()

    def here(self) -> list[str]:
        """The channels the person is in, the personal one left out."""
        return [name for name, place in self.places.items() if place.here and name != self.user_id]

    def last(self, channel_id: str) -> int:
        """How far the channel is known; 0 for one never seen or left."""
        place = self.places.get(channel_id)
        return place.last if place and place.here else 0

    def screen(self, channel_id: str) -> list[Event]:
        """What is shown of a channel, in order, in its present state."""
        return [event for event in self.storage.rows(channel_id) if event["kind"] in HISTORY_KINDS]

    def texts(self, channel_id: str) -> list[str]:
        """The messages on the screen; deleted ones left out."""
        shown = (event for event in self.screen(channel_id) if event["kind"] == "message")
        return [event["text"] for event in shown if not event.get("deleted")]

    def raw_log(self, channel_id: str) -> list[Event]:
        """The log as it is stored, from where this device came in. Raises Violation unless it is complete."""
        place = self.places[channel_id]
        rows = [row for row in self.storage.rows(channel_id) if place.first <= row["seq"] <= place.last]
        found = [row["seq"] for row in rows]
        if found != list(range(place.first, place.last + 1)):
            missing = sorted(set(range(place.first, place.last + 1)) - set(found))
            raise Violation(f"a gap in channel {channel_id}: {missing[:20]} missing of {place}")
        return rows

    async def load_history(self, channel_id: str) -> None:
        """Fetch what was said before this device came in; rows only, no position moves."""
        answer = await self.rest.page(channel_id, before=self.places[channel_id].first, limit=200)
        self._upsert(answer["events"])
        while answer["has_before"]:
            answer = await self.rest.page(channel_id, before=answer["events"][0]["seq"], limit=200)
            self._upsert(answer["events"])

    async def until(self, predicate: Callable[["Device"], object], deadline: float = 15.0) -> None:
        """Wait until the predicate holds. Raises what went wrong meanwhile, AssertionError after `deadline` s."""
        try:
            async with asyncio.timeout(deadline):
                while True:
                    self.require_well()
                    if predicate(self):
                        return
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {deadline} s: {self}") from None

    async def settled(self, deadline: float = 15.0) -> None:
        """Wait until everything that was said is stored."""
        await self.until(lambda device: not device.outbox, deadline)

    @asynccontextmanager
    async def not_taking(self) -> AsyncIterator[None]:
        """For the length of a block nothing is taken from the connection, as when a phone's browser is frozen."""
        async with self._taking:
            yield

    def require_well(self) -> None:
        """Raise what went wrong, if anything did."""
        if self.failure is not None:
            raise self.failure

    def __repr__(self) -> str:
        lasts = {name: place.last for name, place in list(self.places.items())[:5]}
        return (
            f"<Device of {self.user_id} on {self.ladder.rung} ({self.ladder.why}), connections {self.connections},"
            f" closes {self.closes[-3:]}, paused {self.paused}, outbox {len(self.outbox)},"
            f" failed {list(self.outbox.failed.values())[:3]}, last {lasts}>"
        )

    # Tasks

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task that fails fails the device; whoever waits for it is told."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failure = self.failure or error
            self._pulse()

    async def _end_tasks(self) -> None:
        while ending := list(self._tasks):  # somebody may say something meanwhile, which begins another
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
        self._transport = self._connection = None

    def _pulse(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # Staying connected

    async def _reconnect(self) -> None:
        """End the connection of the moment and begin another."""
        if self._connection is None:
            return
        self._connection.cancel()
        await asyncio.gather(self._connection, return_exceptions=True)
        await self._close_left()
        self.paused = None
        self._connection = self._spawn(self._stay_connected())

    async def _close_left(self) -> None:
        """Close in order the transports that were left in the middle."""
        while self._left:
            await self._left.pop().close()

    async def _stay_connected(self) -> None:
        while True:
            await self.where.find()
            verdict, delay = await self._connect_once()
            if verdict == "ask":
                verdict, delay = await self._asked(delay)
            if verdict in ("sign_in", "rest"):
                self.paused = verdict
                self._pulse()
                return
            await self.clock.sleep(delay)

    async def _connect_once(self) -> tuple[Verdict, float]:
        """One connection from beginning to end: what its end means, and seconds to wait before the next."""
        try:
            if self.ladder.rung == "websocket":
                await self._follow(await self._open_websocket())
            else:
                await self._follow(self._polling(self.ladder.rung))
        except Unreachable as loss:
            if isinstance(loss, Closed):
                self.closes.append(loss)
            on_socket = self.ladder.rung == "websocket"
            verdict = self.ladder.socket_lost(loss) if on_socket else self.ladder.request_lost(loss)
            return verdict, self._go_on(verdict, loss)
        except Problem as refusal:
            verdict = self.ladder.request_lost(refusal)
            return verdict, self._go_on(verdict, refusal)
        raise AssertionError("a transport ended without saying why")

    async def _asked(self, delay: float) -> tuple[Verdict, float]:
        """Ask the server that was lost what became of it; one that is not well, or cannot be asked, is left for the
        next."""
        if self.where.by_ticket:
            return "again", self._go_on("again", Unreachable("it can only be asked by WebSocket"))
        answer = await self._ask()
        verdict = self.ladder.asked(answer)
        return verdict, delay if answer is None else self._go_on(verdict, answer)

    def _go_on(self, verdict: Verdict, loss: Problem | Unreachable) -> float:
        """Leave a server that is not well, and how long to wait before the next attempt, in seconds. Whoever was sent
        elsewhere goes at once; a server that asked for patience gets it only if there is no other."""
        after_ms = loss.after_ms if isinstance(loss, Closed) else None
        if verdict != "again":
            return self.ladder.delay(after_ms)
        moved = self._move(loss)
        if moved and is_drain(loss):
            return (after_ms or 0) / 1000
        return self.ladder.delay(
            after_ms, None if moved or isinstance(loss, Unreachable) else loss.retry_after
        )

    def _move(self, loss: Problem | Unreachable) -> bool:
        """Whether there is another server to go to by now, instead of this one."""
        if isinstance(loss, Closed):
            if loss.servers:
                self.where.told(loss.servers)
                return True
            return loss.code in (1001, 1006) and self.where.go_on()
        return (
            not (isinstance(loss, Problem) and loss.status not in (0, 502, 503, 504)) and self.where.go_on()
        )

    async def _open_websocket(self) -> WebSocket:
        ticket = await self.where.ticket()
        return await open_websocket(
            self.where.live, self.cursor, self.id, self.clock, self.active, self.heard.append, ticket
        )

    def _polling(self, rung: Rung) -> Polling:
        return Polling(
            self.where.polled, self.storage.cursor, self.id, self.clock, rung, self.active, self.pace
        )

    async def _ask(self) -> Problem | Unreachable | None:
        """`/sync?wait=0`: None when it answers. What it says is taken, not thrown away."""
        try:
            await self._take(await anext(self._polling("poll").batches()))
        except (Problem, Unreachable) as loss:
            return loss
        return None

    async def _follow(self, transport: Transport) -> None:
        """Take what a transport brings until it ends."""
        self._transport = transport
        self._acknowledged = None
        try:
            async with aclosing(transport.batches()) as batches:
                first = True
                async for batch in batches:
                    await self._take(batch)
                    self.ladder.worked()
                    if transport.rung == "longpoll" and not first:
                        self.ladder.held()
                    if first:
                        self._connected()
                        first = False
                    if self._unacknowledged >= UNACKNOWLEDGED_EVENTS:
                        await self._acknowledge()
        except asyncio.CancelledError:
            self._left.append(transport)
            raise
        except BaseException:  # a violation of the protocol, too, is the end of the connection
            transport.abort()
            raise
        finally:
            self._transport = None

    def _connected(self) -> None:
        """The first answer is in: repeat what may have been lost, and let senders try at once."""
        self.connections += 1
        self._nudged.set()
        self._nudged = asyncio.Event()
        for channel_id, seq in self.storage.reads().items():
            if seq > self._seen_reads.get(channel_id, 0):
                self._spawn(self._tell_read(channel_id, seq))
        for channel_id in self.outbox.channels():
            self._pump_later(channel_id)
        self._pulse()

    async def _keep_beating(self) -> None:
        """Acknowledge at least every second, say every ten that the person is there, end a dead connection."""
        beat_at = self.clock.now() + self.pace.beat_seconds
        while True:
            await self.clock.sleep(self.pace.acknowledge_seconds)
            if self._transport is not None and self._transport.silent():
                self._transport.abort()
            try:
                await self._acknowledge()
                if self.active and self.clock.now() >= beat_at and self._transport is not None:
                    beat_at += self.pace.beat_seconds
                    await self._transport.beat()
            except Unreachable:
                continue  # the connection's own task is told as well, and acts

    async def _acknowledge(self) -> None:
        cursor = self.cursor
        if self._transport is None or cursor is None or cursor == self._acknowledged:
            return
        self._unacknowledged = 0
        self._acknowledged = cursor
        await self._transport.acknowledge(cursor)

    async def _keep_probing(self) -> None:
        """On a lower rung, try whether a WebSocket opens by now. No hello is said: it would supersede ourselves."""
        while True:
            await self.clock.sleep(self.pace.probe_seconds)
            if not self.ladder.probes:
                continue
            try:
                socket = await open_socket(self.where.live)
            except Unreachable:
                continue
            await socket.close(1000)
            self.ladder.probed()
            await self._reconnect()

    # Taking what comes

    async def _take(self, batch: Batch) -> None:
        """Store a batch and its cursor in one transaction, gaps repaired first."""
        async with self._taking:
            change = Change(self.storage, self.user_id, self.places)
            if batch.resync or batch.heads is not None:
                self._restart(change, batch)
            for channel in batch.reset:
                self.resets += 1
                change.reset(channel)
            for event in batch.events:
                await self._take_event(change, event)
            change.writes.cursor = batch.cursor
            self._commit(change)

    def _restart(self, change: Change, batch: Batch) -> None:
        if batch.heads is None:
            raise Violation(f"resync without heads: {batch}")
        if not batch.resync and self.cursor is not None:
            raise Violation("a start was answered to a device that has a cursor")
        if batch.events:
            raise Violation("heads and events in one answer")
        self.resyncs += batch.resync
        change.restart(batch.heads)

    async def _take_event(self, change: Change, event: Event) -> None:
        judgement = change.judge(event)
        if judgement == "gap":
            await self._fill_gap(change, event)
            judgement = change.judge(event)
        if judgement == "gap":
            raise Violation(f"a gap that cannot be repaired before {event}")
        if judgement == "take":
            change.take(event)

    async def _fill_gap(self, change: Change, event: Event) -> None:
        """Fetch what lies between from the log; its answer is final."""
        self.gaps += 1
        while True:
            place = change.place(event["channel_id"])
            assert place is not None
            try:
                answer = await self.rest.events(event["channel_id"], place.last)
            except Problem as refusal:
                if refusal.again:
                    raise
                raise Violation(f"a gap that cannot be repaired ({refusal}) before {event}") from refusal
            for missed in answer["events"]:
                if change.judge(missed) == "take":
                    change.take(missed)
            if not answer["has_after"] or change.judge(event) != "gap":
                return

    def _commit(self, change: Change) -> None:
        """Everything at once; then memory follows, the outbox loses what has arrived, and watchers are told."""
        self.storage.commit(change.writes)
        if change.writes.void:
            self.places.clear()
        self.places.update(change.writes.places)
        self._unacknowledged += len(change.taken)
        for event in change.taken:
            self._note(event)
            if self.witness is not None:
                self.witness(event)
        self._pulse()

    def _note(self, event: Event) -> None:
        if event["author_id"] == self.user_id and "client_message_id" in event:
            self.outbox.done(event["channel_id"], event["client_message_id"])
        if event["kind"] == "read":
            self._seen_reads[event["target_channel_id"]] = event["read_seq"]

    def _upsert(self, events: list[Event]) -> None:
        """Store rows that came as answers; no position moves."""
        change = Change(self.storage, self.user_id, self.places)
        for event in events:
            place = change.place(event["channel_id"])
            if place is not None and place.here:
                change.upsert(event)
        self._commit(change)

    # Saying things

    def _pump_later(self, channel_id: str) -> None:
        pump = self._pumps.get(channel_id)
        if self._connection is not None and (pump is None or pump.done()):
            self._pumps[channel_id] = self._spawn(self._pump(channel_id))

    async def _pump(self, channel_id: str) -> None:
        """Send a channel's items, one in flight, in order, each until there is an answer."""
        attempt = 0
        while (item := self.outbox.next(channel_id)) is not None:
            try:
                event = await self._say(item)
            except Problem as refusal:
                if refusal.code == "unauthenticated":
                    self.paused = "sign_in"
                    self._pulse()
                    return
                if not refusal.again:
                    self.outbox.fail(item, refusal.code)
                    self._pulse()
                    continue
                await self._wait_to_repeat(attempt, refusal.retry_after)
            except Unreachable:
                await self._wait_to_repeat(attempt, None)
            else:
                await self._answered(item, event)
                attempt = -1
            attempt += 1

    async def _say(self, item: Item) -> Event | None:
        """By the transport of the moment; by REST without one, or when the item seems to close sockets."""
        transport = self._transport
        if transport is None or item.closes >= CLOSES_BEFORE_REST:
            return await act_by_rest(self.rest, item)
        try:
            return await transport.act(item)
        except Closed:
            self.outbox.closed_socket(item)
            raise

    async def _answered(self, item: Item, event: Event | None) -> None:
        """It was acknowledged: its row is stored, so the item may leave."""
        if event is not None:
            self._require_answer_to(item, event)
            async with self._taking:
                self._upsert([event])
        self.outbox.done(item.channel_id, item.client_message_id)
        self._pulse()

    def _require_answer_to(self, item: Item, event: Event) -> None:
        """The answer must be about what was said. Raises Violation."""
        right = event["channel_id"] == item.channel_id
        if item.kind == "send":
            right = right and event["author_id"] == self.user_id
            right = right and event.get("client_message_id") == item.client_message_id
        if not right:
            raise Violation(f"an answer to something else: {item}, {event}")

    async def _wait_to_repeat(self, attempt: int, retry_after: float | None) -> None:
        """Full jitter; cut short when a connection comes up, unless the server asked for patience."""
        span = min(self.pace.backoff_limit_seconds, 0.5 * 2 ** min(attempt, 10))
        pause = (retry_after or 0) + self.chance.uniform(0, span)
        if retry_after:
            await self.clock.sleep(pause)
            return
        sleeping = asyncio.ensure_future(self.clock.sleep(pause))
        nudging = asyncio.ensure_future(self._nudged.wait())
        try:
            await asyncio.wait({sleeping, nudging}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            nudging.cancel()

    async def _tell_read(self, channel_id: str, seq: int) -> None:
        """Say a read marker once; a loss is made good at the next connection."""
        transport = self._transport
        if transport is None:
            return
        try:
            await transport.mark_read(channel_id, seq)
        except Unreachable:
            return
        except Problem as refusal:
            if not refusal.again and refusal.code not in ("not_found", "unauthenticated"):
                raise


def is_drain(loss: Problem | Unreachable) -> bool:
    """Whether the server said that it goes away."""
    return loss.code in (1001, "draining") if isinstance(loss, Closed | Problem) else False


def well_formed(text: str) -> str:
    """Unicode without lone surrogates, which JSON in UTF-8 cannot carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
