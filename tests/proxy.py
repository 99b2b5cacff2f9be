"""A proxy between clients and a server that behaves as badly as asked, while both are running.

It understands just enough HTTP/1.1 to know a request that is held and an upgrade. Runs in a thread of its own, so that
tests of any kind can use it; every setting may be changed from any thread at any time.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from tests.accepting import close_listener
from tests.loop_thread import LoopThread

MAX_HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 64 * 1024

_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_GATEWAY_TIMEOUT = b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Behaviour:
    """How the proxy behaves from now on.

    upgrades     "pass" them, "refuse" them with 400, "strip" their headers so that the server sees a plain request
    hold_seconds a request without an answer for so long is cut; None: never
    cut_with     how it is cut: the connection is "close"d, or answered with "504"
    deaf         "server": nothing the client says arrives there; "client": likewise the other way; None: all does
    paused       nothing moves in either direction, nothing is closed
    """

    upgrades: Literal["pass", "refuse", "strip"] = "pass"
    hold_seconds: float | None = None
    cut_with: Literal["close", "504"] = "close"
    deaf: Literal["client", "server"] | None = None
    paused: bool = False


@dataclass
class Counts:
    """What happened so far."""

    requests: int = 0
    upgrades: int = 0
    refused: int = 0
    cut: int = 0
    connections: set["_Connection"] = field(default_factory=set)


class Proxy(LoopThread):
    """`with Proxy(port) as proxy:` then talk to `proxy.url`; set `proxy.behaviour.…`, call `proxy.cut()`."""

    def __init__(self, target_port: int, target_host: str = "127.0.0.1") -> None:
        super().__init__("proxy")
        self.behaviour = Behaviour()
        self.counts = Counts()
        self.port = 0
        self._target = target_host, target_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Close every connection now, as a broken network does."""
        self._run(self._cut())

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=MAX_HEAD_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        await close_listener(self._server)
        while self.counts.connections:
            await self._cut()

    async def _cut(self) -> None:
        ending = [connection.end() for connection in set(self.counts.connections)]
        await asyncio.gather(*ending)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        self.counts.connections.add(connection)
        try:
            await connection.serve(*self._target)
        finally:
            self.counts.connections.discard(connection)


class _Connection:
    """One client's connection and the one to the server that was made for it."""

    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._behaviour = proxy.behaviour
        self._counts = proxy.counts
        self._from_client, self._to_client = reader, writer
        self._writers = [writer]
        self._ended = False
        self._gone = asyncio.Event()

    async def end(self) -> None:
        """Close both sides without a word, and wait until they are closed."""
        self._ended = True
        for writer in self._writers:
            writer.transport.abort()
        await self._gone.wait()

    async def serve(self, host: str, port: int) -> None:
        """Serve until either side ends. Whatever fails means the same here: both sides are closed."""
        try:
            self._from_server, self._to_server = await asyncio.open_connection(
                host, port, limit=MAX_HEAD_BYTES
            )
            self._writers.append(self._to_server)
            while not self._ended and await self._pass_request():
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            for writer in self._writers:
                writer.transport.abort()
                with suppress(OSError):
                    await writer.wait_closed()
            self._gone.set()

    async def _pass_request(self) -> bool:
        """One request and its answer; False when the connection is over."""
        head = await self._from_client.readuntil(b"\r\n\r\n")
        self._counts.requests += 1
        if b"\r\nupgrade: websocket\r\n" in head.lower():
            self._counts.upgrades += 1
            if self._behaviour.upgrades == "refuse":
                return await self._refuse()
            if self._behaviour.upgrades == "strip":
                head = _without(head, b"upgrade", b"connection", b"sec-websocket")
        self._write(self._to_server, head, "server")
        await self._pass_body(head, self._from_client, self._to_server, "server")
        return await self._pass_answer(is_head=head.startswith(b"HEAD "))

    async def _refuse(self) -> bool:
        self._counts.refused += 1
        self._to_client.write(_BAD_REQUEST)
        await self._to_client.drain()
        return False

    async def _pass_answer(self, is_head: bool) -> bool:
        try:
            async with asyncio.timeout(self._behaviour.hold_seconds):
                head = await self._from_server.readuntil(b"\r\n\r\n")
        except TimeoutError:
            return await self._cut_held()
        self._write(self._to_client, head, "client")
        status = int(head[9:12])
        if status == 101:
            await self._relay()
            return False
        if not is_head and status not in (204, 304):
            await self._pass_body(head, self._from_server, self._to_client, "client")
        await self._to_client.drain()
        return b"\r\nconnection: close\r\n" not in head.lower()

    async def _cut_held(self) -> bool:
        self._counts.cut += 1
        if self._behaviour.cut_with == "504":
            self._to_client.write(_GATEWAY_TIMEOUT)
            await self._to_client.drain()
        return False

    async def _pass_body(
        self, head: bytes, source: asyncio.StreamReader, to: asyncio.StreamWriter, side: str
    ) -> None:
        if _header(head, b"transfer-encoding") == b"chunked":
            await self._pass_chunks(source, to, side)
            return
        left = int(_header(head, b"content-length") or 0)
        while left:
            chunk = await source.read(min(left, CHUNK_BYTES))
            if not chunk:
                raise asyncio.IncompleteReadError(chunk, left)
            left -= len(chunk)
            self._write(to, chunk, side)
            await to.drain()

    async def _pass_chunks(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, side: str) -> None:
        while True:
            line = await source.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            self._write(to, line + await source.readexactly(size + 2), side)
            await to.drain()
            if not size:
                return

    async def _relay(self) -> None:
        """After an upgrade: bytes, until one side ends."""
        ways = (
            asyncio.create_task(self._pump(self._from_client, self._to_server, "server")),
            asyncio.create_task(self._pump(self._from_server, self._to_client, "client")),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, side: str) -> None:
        while chunk := await source.read(CHUNK_BYTES):
            while self._behaviour.paused and not self._ended:
                await asyncio.sleep(0.01)
            self._write(to, chunk, side)
            await to.drain()

    def _write(self, to: asyncio.StreamWriter, chunk: bytes, side: str) -> None:
        if self._behaviour.deaf != side:
            to.write(chunk)


def _header(head: bytes, name: bytes) -> bytes | None:
    """A header's value in lower case."""
    for line in head.lower().split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip() == name:
            return value.strip()
    return None


def _without(head: bytes, *prefixes: bytes) -> bytes:
    """A head without the headers that begin so."""
    return b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(prefixes))
