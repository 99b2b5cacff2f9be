"""A light client, of which thousands fit into a test: it keeps its place in the log, not the log."""

import asyncio
import base64
import os
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from tests.client.rest import Rest
from tests.client.wire import Json, Problem, Unreachable, encode
from tests.flows.raw import framed

OPEN_SECONDS = 5.0
BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0


class _Head(msgspec.Struct):
    seq: int


class _Channel(msgspec.Struct):
    id: str
    head: _Head


class _Event(msgspec.Struct):
    channel_id: str
    seq: int


class _Frame(msgspec.Struct):
    """What matters of any frame."""

    type: str
    cursor: str | None = None
    events: Sequence[_Event] = ()
    heads: Sequence[_Channel] | None = None
    server: str = ""
    code: str = ""


_decoder = msgspec.json.Decoder(_Frame)


class Refused(Exception):
    """No WebSocket for now. `after`: seconds that the server asks for."""

    def __init__(self, after: float) -> None:
        super().__init__(after)
        self.after = after


class Traveller:
    """Stays connected: to the best server first, to the list's next when one is lost, with jittered, growing pauses.

    `ports` says where each server of discovery's list listens: these clients come without the proxy, whose work on so
    many connections is not what they are for.
    """

    def __init__(self, rest: Rest, ports: Mapping[str, int], chance: random.Random) -> None:
        self._rest = rest
        self._ports = ports
        self._chance = chance
        self._ahead: list[str] = []
        self._failures = 0
        self._cursor: str | None = None
        self.last: dict[str, int] = {}
        """How far each channel is known."""
        self.at = ""
        """The name of the server it is live on; "" for none."""
        self.live_since = 0.0
        self.errors: list[str] = []
        self.refusals = self.gaps = self.resyncs = 0

    async def travel(self) -> None:
        """Until cancelled."""
        while True:
            after = 0.0
            with suppress(OSError, EOFError, TimeoutError, Problem, Unreachable):
                try:
                    await self._stay(await self._next())
                except Refused as refusal:
                    self.refusals += 1
                    after = 0.0 if self._ahead else refusal.after
            self.at = ""
            await asyncio.sleep(after + self._pause())

    def _pause(self) -> float:
        """Full jitter over a doubling span, in seconds."""
        span = min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**self._failures)
        self._failures += 1
        return self._chance.uniform(0, span)

    async def _next(self) -> str:
        """The name of the list's next server. A list that is used up is asked for anew."""
        if not self._ahead:
            self._ahead = [server["id"] for server in (await self._rest.servers())["servers"]]
        return self._ahead.pop(0)

    async def _stay(self, name: str) -> None:
        """Be live on a server until it ends. Raises what ended it, Refused."""
        async with asyncio.timeout(OPEN_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[name])
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self._shake_hands(reader, writer)
            _say(writer, {"type": "hello", "cursor": self._cursor})
            while True:
                self._take(name, _decoder.decode(await _read_text(reader)))
        finally:
            writer.transport.abort()

    async def _shake_hands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            **self._rest.headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"GET /api/v1/ws HTTP/1.1\r\n{head}\r\n".encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b" 101 " not in answer.split(b"\r\n")[0]:
            _, _, after = answer.partition(b"retry-after: ")
            raise Refused(float(after.split(b"\r\n")[0] or 0))

    def _take(self, name: str, frame: _Frame) -> None:
        if frame.heads is not None:
            self.resyncs += bool(self.last)
            self.last = {channel.id: channel.head.seq for channel in frame.heads}
        for event in frame.events:
            self._take_event(event)
        self._cursor = frame.cursor or self._cursor
        if frame.type == "live":
            self.at, self.live_since, self._failures = name, time.monotonic(), 0
        elif frame.type == "error":
            self.errors.append(frame.code)

    def _take_event(self, event: _Event) -> None:
        """What is known already may come again after a loss; what is left out never comes."""
        last = self.last.get(event.channel_id, event.seq - 1)
        self.gaps += event.seq > last + 1
        self.last[event.channel_id] = max(last, event.seq)


def _say(writer: asyncio.StreamWriter, frame: Json) -> None:
    writer.write(framed(encode(frame)))


async def _read_text(reader: asyncio.StreamReader) -> bytes:
    """The payload of the next text frame. Raises EOFError after a close frame, as when there was none."""
    first, second = await reader.readexactly(2)
    length = second
    if second == 126:
        length = int.from_bytes(await reader.readexactly(2))
    elif second == 127:
        length = int.from_bytes(await reader.readexactly(8))
    payload = await reader.readexactly(length)
    if first & 0x0F == 8:
        raise EOFError
    return payload
