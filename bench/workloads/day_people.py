"""The devices of a mixed day, each on its way of reaching the server, and what they count."""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from bench.workloads.day_links import CLOSED, Frame, Http, Socket, frames
from bench.workloads.plan import Resident

HOLD_SECONDS = 25
POLL_SECONDS = 5.0
BEAT_SECONDS = 10.0
READ_WITHIN_SECONDS = (0.5, 5.0)
DUE_DIGITS = 19  # a message's text begins with the nanosecond at which it was due


@dataclass
class Tally:
    """Of one measurement: delays in seconds from when a thing was due, and how often what happened."""

    since_ns: int = field(default_factory=time.monotonic_ns)
    delays: dict[str, list[float]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, name: str, due_ns: int) -> None:
        """A thing that was due before this measurement is not of it."""
        if due_ns >= self.since_ns:
            self.delays.setdefault(name, []).append((time.monotonic_ns() - due_ns) / 1e9)


class Device:
    """Somebody's only device: hears, reads what it heard if its owner looks at it, says what is due."""

    rung = ""

    def __init__(
        self, person: Resident, port: int, cursor: str, active: bool, tally: Callable[[], Tally]
    ) -> None:
        self.person = person
        self.active = active
        self.cursor = cursor
        self._port = port
        self._tally = tally
        self._last: dict[str, int] = {}
        self._to_read: dict[str, int] = {}
        self._http = Http(port)
        self._tasks: set[asyncio.Task[None]] = set()
        self._here = False
        self._since_ns = 0

    async def come(self) -> None:
        """Returns when it is under way."""
        self._here = True
        self._since_ns = time.monotonic_ns()

    def go(self) -> None:
        """What was asked for and is not answered yet is given up."""
        self._here = False
        self._http.close()

    def say(self, channel_id: str, due_ns: int, text: str) -> None:
        """Over REST; those with a socket know a better way."""
        self.do(self._post(channel_id, due_ns, text))

    def type(self, channel_id: str) -> None:
        """Only a socket can tell that somebody writes."""

    def open(self, channel_id: str, due_ns: int) -> None:
        """Show a channel: its last messages, and who is here."""
        self.do(self._open(channel_id, due_ns))

    def hear(self, frame: Frame) -> None:
        tally = self._tally()
        for event in frame.events:
            last = self._last.get(event.channel_id)
            if last is not None and event.seq != last + 1:
                tally.counts["gaps"] += 1
            self._last[event.channel_id] = event.seq
            if event.kind == "message" and event.channel_id != self.person.user_id:
                tally.counts["delivered"] += 1
                self._note_delay(tally, int(event.text[:DUE_DIGITS]))
                self._read_later(event.channel_id, event.seq)
        if frame.type == "error":
            tally.counts[f"error {frame.code}"] += 1

    def _note_delay(self, tally: Tally, due_ns: int) -> None:
        """What was due before it came, it missed: that it comes late is no delay of the server's."""
        if due_ns >= self._since_ns:
            tally.note(self.rung, due_ns)

    def _read_later(self, channel_id: str, seq: int) -> None:
        if not self.active:
            return
        if channel_id not in self._to_read:
            asyncio.get_running_loop().call_later(
                random.uniform(*READ_WITHIN_SECONDS), self._read_now, channel_id
            )
        self._to_read[channel_id] = seq

    def _read_now(self, channel_id: str) -> None:
        seq = self._to_read.pop(channel_id)
        if self._here:
            self._tally().counts["read"] += 1
            self._read(channel_id, seq)

    def _read(self, channel_id: str, seq: int) -> None:
        self.do(self._asked("PUT", f"/channels/{channel_id}/read", {"seq": seq}))

    async def _post(self, channel_id: str, due_ns: int, text: str) -> None:
        body = {"client_message_id": str(uuid.uuid4()), "text": text}
        await self._asked("POST", f"/channels/{channel_id}/messages", body)
        self._tally().note("answered", due_ns)

    async def _open(self, channel_id: str, due_ns: int) -> None:
        await self._asked("GET", f"/channels/{channel_id}/messages?limit=50")
        self._tally().note("history", due_ns)
        await self._asked("GET", f"/channels/{channel_id}/presence")

    async def _asked(self, method: str, path: str, body: object = None) -> None:
        status, _ = await self._http.ask(method, path, self.person.token, body)
        self._tally().counts["requests"] += 1
        if status >= 300:
            self._tally().counts[f"answered {status}"] += 1

    def do(self, work: Coroutine[object, object, None]) -> None:
        """In the background; what goes wrong is counted."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None and self._here:
            self._tally().counts[f"failed {type(failure).__name__}"] += 1


class OnSocket(Device):
    rung = "websocket"
    _socket: Socket | None = None

    async def come(self) -> None:
        await super().come()
        self._socket = await Socket.open(
            self._port, self.person.token, self.cursor, self.active, self.hear, self._lost
        )
        self._since_ns = time.monotonic_ns()
        self._due: dict[int, int] = {}
        self._number = 0
        if self.active:
            asyncio.get_running_loop().call_later(random.uniform(0, BEAT_SECONDS), self._beat, self._socket)

    def go(self) -> None:
        super().go()
        if self._socket is not None:
            self.cursor = self._socket.cursor
            self._socket.close()
            self._socket = None

    def say(self, channel_id: str, due_ns: int, text: str) -> None:
        if self._socket is not None:
            self._number += 1
            self._due[self._number] = due_ns
            message = {"channel_id": channel_id, "client_message_id": str(uuid.uuid4()), "text": text}
            self._socket.say(type="send", id=self._number, **message)
        else:
            super().say(channel_id, due_ns, text)

    def type(self, channel_id: str) -> None:
        if self._socket is not None:
            self._tally().counts["typing"] += 1
            self._socket.say(type="typing", channel_id=channel_id)

    def hear(self, frame: Frame) -> None:
        super().hear(frame)
        if frame.type == "ok":
            self._tally().note("answered", self._due.pop(frame.id))

    def _read(self, channel_id: str, seq: int) -> None:
        if self._socket is not None:
            self._socket.say(type="read", channel_id=channel_id, seq=seq)

    def _beat(self, socket: Socket) -> None:
        if socket is self._socket:
            socket.beat()
            asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat, socket)

    def _lost(self) -> None:
        self._socket = None
        self._tally().counts["connections lost"] += 1


class OnRequests(Device):
    """Long poll; or poll, which asks every few seconds."""

    def __init__(
        self,
        person: Resident,
        port: int,
        cursor: str,
        active: bool,
        tally: Callable[[], Tally],
        *,
        held: bool,
    ) -> None:
        super().__init__(person, port, cursor, active, tally)
        self.rung = "longpoll" if held else "poll"
        self._wait = HOLD_SECONDS if held else 0
        self._name = str(uuid.uuid4())
        self._asking: asyncio.Task[None] | None = None
        self._line = Http(port)

    async def come(self) -> None:
        await super().come()
        self._asking = asyncio.ensure_future(self._ask())

    def go(self) -> None:
        super().go()
        if self._asking is not None:
            self._asking.cancel()
            self._line.close()

    async def _ask(self) -> None:
        if not self._wait:
            await asyncio.sleep(random.uniform(0, POLL_SECONDS))
        while True:
            query = f"cursor={self.cursor}&wait={self._wait}&device={self._name}&active={str(self.active).lower()}"
            try:
                status, body = await self._line.ask("GET", f"/sync?{query}", self.person.token)
            except CLOSED:
                self._tally().counts["connections lost"] += 1
                continue
            self._tally().counts["syncs"] += 1
            if status != 200:
                self._tally().counts[f"answered {status}"] += 1
                await asyncio.sleep(POLL_SECONDS)
                continue
            frame = frames.decode(body)
            self.cursor = frame.cursor or self.cursor
            self.hear(frame)
            if not self._wait and not frame.more:
                await asyncio.sleep(POLL_SECONDS)
