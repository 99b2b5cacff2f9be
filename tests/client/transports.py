"""The ways to reach a server: WebSocket, long poll, poll. Each brings batches and takes actions.

A transport lives for one connection. It knows no storage: the device says from which cursor, and what to say.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Protocol

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.client.chance import Clock
from tests.client.ladder import Pace
from tests.client.rest import Rest
from tests.client.storage import Item
from tests.client.wire import (
    Batch,
    Closed,
    Event,
    Json,
    Problem,
    Rung,
    Unreachable,
    Violation,
    encode,
)

OPEN_SECONDS = 5.0
ANSWER_SECONDS = 10.0
QUIET_BEATS = 2.5  # a socket silent for so many of the server's heartbeats is dead
MAX_FRAME_BYTES = 1 << 20
BYE_CODES = {"unauthenticated": 4001, "revoked": 4003}  # those that decide what a client does next

Ephemeral = Callable[[Json], None]


class Transport(Protocol):
    """One connection."""

    rung: Rung

    def batches(self) -> AsyncGenerator[Batch, None]:
        """Everything that comes, until the connection ends. Raises Unreachable (Closed), Problem."""

    async def act(self, item: Item) -> Event | None:
        """Say it and return the event of the answer (None: it has none). Raises Unreachable, Problem."""

    async def acknowledge(self, cursor: str) -> None: ...

    async def mark_read(self, channel_id: str, seq: int) -> None: ...

    async def beat(self) -> None:
        """Say that the person is there."""

    def silent(self) -> bool:
        """Whether nothing was heard for so long that the connection must be dead."""

    async def close(self) -> None: ...

    def abort(self) -> None:
        """End without a word, as a crash does."""


async def act_by_rest(rest: Rest, item: Item) -> Event | None:
    """An outbox item as a REST call."""
    if item.kind == "send":
        event, _ = await rest.send(item.channel_id, item.client_message_id, item.text, item.reply_to)
        return event
    if item.kind == "edit":
        return await rest.edit(item.channel_id, item.target, item.client_message_id, item.text)
    await rest.delete(item.channel_id, item.target)
    return None


class Polling:
    """`/sync`, held (long poll) or not (poll); presenting the cursor acknowledges, so nothing else is said."""

    def __init__(
        self,
        rest: Rest,
        cursor: Callable[[], str | None],
        device: str,
        clock: Clock,
        rung: Rung,
        active: bool,
        pace: Pace,
    ) -> None:
        self.rung: Rung = rung
        self._rest = rest
        self._cursor = cursor
        self._device = device
        self._clock = clock
        self._active = active
        self._wait = pace.hold_seconds if rung == "longpoll" else 0
        self._pause = pace.poll_seconds

    async def batches(self) -> AsyncGenerator[Batch, None]:
        wait = 0  # the first is answered at once: then it is known that this way is open
        while True:
            answer = await self._rest.sync(self._cursor(), wait, self._device, self._active)
            wait = self._wait
            yield Batch(
                events=answer["events"],
                cursor=answer["cursor"],
                heads=answer["heads"],
                reset=answer["reset"],
                resync=answer["resync"],
            )
            if self.rung == "poll" and not answer["more"]:
                await self._clock.sleep(self._pause)

    async def act(self, item: Item) -> Event | None:
        return await act_by_rest(self._rest, item)

    async def acknowledge(self, cursor: str) -> None:
        """Nothing to do: the next request presents the cursor."""

    async def mark_read(self, channel_id: str, seq: int) -> None:
        await self._rest.mark_read(channel_id, seq)

    async def beat(self) -> None:
        """Nothing to do: asking is being there."""

    def silent(self) -> bool:
        """Never: requests have a time limit."""
        return False

    async def close(self) -> None:
        """Nothing to do: the request ends with the task that made it."""

    def abort(self) -> None:
        """Nothing to do, likewise."""


class WebSocket:
    """`/ws`. Made by `open_websocket`, which says `hello`."""

    rung: Rung = "websocket"

    def __init__(
        self, rest: Rest, socket: ClientConnection, clock: Clock, active: bool, heard: Ephemeral
    ) -> None:
        self._checks = rest.server.checks
        self._parse = rest.server.parse_frame
        self._socket = socket
        self._clock = clock
        self._active = active
        self._heard = heard
        self._opened = self._heard_at = clock.now()
        self._waiting: dict[int, asyncio.Future[Json | None]] = {}
        self._last_id = 0
        self._quiet_seconds = OPEN_SECONDS * 2
        self._after_ms: int | None = None
        self._servers: list[Json] = []
        self.live = asyncio.Event()
        """Set once what was missed is through."""

    async def batches(self) -> AsyncGenerator[Batch, None]:
        try:
            frame = await self._receive()
            while frame["type"] == "ok" or (frame["type"] == "error" and "id" in frame):
                await self._answered(frame)  # something was said right behind hello, and answered first
                frame = await self._receive()
            yield self._welcome(frame)
            while True:
                frame = await self._receive()
                handler = _HANDLERS.get(frame["type"], WebSocket._pass_on)
                batch = await handler(self, frame)
                if batch is not None:
                    yield batch
        finally:
            self._fail_waiting()

    async def _receive(self) -> Json:
        try:
            raw = await self._socket.recv(decode=False)
        except websockets.ConnectionClosed as closed:
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, str(closed))
            raise Closed(code, reason, self._lived(), self._after_ms, self._servers) from None
        self._heard_at = self._clock.now()
        return self._parse(raw)

    def _lived(self) -> float:
        return self._clock.now() - self._opened

    def _welcome(self, frame: Json) -> Batch:
        if frame["type"] == "error":
            raise Problem(0, frame["code"], frame["detail"], frame.get("retry_after"))
        if frame["type"] == "bye":
            self._note_bye(frame)
            raise Closed(
                BYE_CODES.get(frame["code"], 1001),
                frame["code"],
                self._lived(),
                self._after_ms,
                self._servers,
            )
        if frame["type"] != "welcome":
            raise Violation(f"the first frame is not welcome: {frame}")
        self._quiet_seconds = frame["heartbeat_seconds"] * QUIET_BEATS
        return Batch(
            cursor=frame["cursor"], heads=frame.get("heads"), reset=frame["reset"], resync=frame["resync"]
        )

    async def _events(self, frame: Json) -> Batch:
        return Batch(events=frame["events"], cursor=frame.get("cursor"))

    async def _heartbeat(self, frame: Json) -> Batch:
        if not self._active:
            await self.beat()
        return Batch(cursor=frame["cursor"])

    async def _live(self, frame: Json) -> None:
        self.live.set()

    async def _answered(self, frame: Json) -> None:
        waiting = self._waiting.pop(frame.get("id", -1), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)
        elif "id" not in frame:
            raise Problem(0, frame["code"], frame["detail"], frame.get("retry_after"))

    async def _bye(self, frame: Json) -> None:
        self._note_bye(frame)

    def _note_bye(self, frame: Json) -> None:
        self._after_ms = frame["after_ms"]
        self._servers = frame.get("servers") or []

    async def _pass_on(self, frame: Json) -> None:
        self._heard(frame)

    def _fail_waiting(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def _say(self, frame: Json) -> None:
        self._checks.said(frame)
        try:
            await self._socket.send(encode(frame), text=True)
        except websockets.ConnectionClosed as closed:
            raise Closed(1006, str(closed), self._lived()) from None

    async def act(self, item: Item) -> Event | None:
        frame: Json = {
            "type": item.kind,
            "channel_id": item.channel_id,
            "client_message_id": item.client_message_id,
        }
        if item.kind != "send":
            frame["target"] = item.target
        if item.kind != "delete":
            frame["text"] = item.text
        if item.reply_to is not None:
            frame["reply_to"] = item.reply_to
        answer = await self.ask(frame)
        event: Event | None = answer.get("event")
        return event

    async def ask(self, frame: Json) -> Json:
        """Say a frame under a new `id` and wait for its `ok`. Raises Problem for its `error`."""
        self._last_id += 1
        number = self._last_id
        waiting: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            await self._say({"type": frame["type"], "id": number, **frame})
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await waiting
        except TimeoutError:
            raise Unreachable(f"no answer to {frame['type']} in {ANSWER_SECONDS} s") from None
        finally:
            self._waiting.pop(number, None)
        if answer is None:
            raise Closed(1006, "closed with an action in flight", self._lived())
        if answer["type"] == "error":
            raise Problem(0, answer["code"], answer["detail"], answer.get("retry_after"))
        return answer

    async def acknowledge(self, cursor: str) -> None:
        await self._say({"type": "ack", "cursor": cursor})

    async def mark_read(self, channel_id: str, seq: int) -> None:
        await self.ask({"type": "read", "channel_id": channel_id, "seq": seq})

    async def beat(self) -> None:
        await self._say({"type": "heartbeat", "active": self._active})

    def silent(self) -> bool:
        return self._clock.now() - self._heard_at > self._quiet_seconds

    async def close(self) -> None:
        self._fail_waiting()
        await self._socket.close(1000)

    def abort(self) -> None:
        self._fail_waiting()
        self._socket.transport.abort()


_HANDLERS: dict[str, Callable[[WebSocket, Json], Awaitable[Batch | None]]] = {
    "events": WebSocket._events,
    "heartbeat": WebSocket._heartbeat,
    "live": WebSocket._live,
    "ok": WebSocket._answered,
    "error": WebSocket._answered,
    "bye": WebSocket._bye,
}


async def open_socket(rest: Rest, **options: Any) -> ClientConnection:
    """The handshake alone. Raises Unreachable, whatever the reason: a browser cannot see it either."""
    try:
        return await connect(
            rest.server.ws_url,
            ssl=rest.server.trust,
            additional_headers=rest.headers,
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=1,
            max_size=MAX_FRAME_BYTES,
            **options,
        )
    except (OSError, TimeoutError, websockets.InvalidHandshake, websockets.InvalidMessage) as error:
        raise Unreachable(f"no WebSocket: {error!r}") from error


async def open_websocket(
    rest: Rest,
    cursor: str | None,
    device: str,
    clock: Clock,
    active: bool,
    heard: Ephemeral,
    ticket: str | None = None,
) -> WebSocket:
    """Open, say hello, and leave the rest to `batches`. Raises Unreachable."""
    transport = WebSocket(rest, await open_socket(rest), clock, active, heard)
    try:
        hello = {"type": "hello", "cursor": cursor, "device": device, "active": active}
        await transport._say(hello if ticket is None else {**hello, "ticket": ticket})
    except BaseException:
        transport.abort()
        raise
    return transport
