"""A line between clients and a server, or between a server and Redis, that misbehaves as asked. Bytes only.

Runs on the test's own event loop. Every setting holds for the connections that are there and for those to come.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Literal

from tests.accepting import close_listener

Side = Literal["client", "server"]
Target = int | Path | tuple[str, int]

CHUNK_BYTES = 64 * 1024


class Line:
    """An address that leads to `target`: a port of this machine or of another, or a unix socket."""

    def __init__(self, target: Target, at: Path | None = None) -> None:
        """`at`: listen on a unix socket there instead of on a port."""
        self._target = target
        self._at = at
        self._connections: set[_Connection] = set()
        self._moving = asyncio.Event()
        self._moving.set()
        self.port = 0
        self.broken = False
        """New connections are refused, too."""
        self.deaf: Side | None = None
        """What is said to this side never arrives; nobody is told."""
        self.delay_seconds = 0.0

    def lead_to(self, target: Target) -> None:
        """Connections to come go there."""
        self._target = target

    @property
    def url(self) -> str:
        return f"unix://{self._at}" if self._at else f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        if self._at is not None:
            self._server = await asyncio.start_unix_server(self._accept, self._at)
        else:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        await close_listener(self._server)
        self.heal()
        self.cut()
        while self._connections:
            await asyncio.sleep(0.01)

    def cut(self) -> None:
        """End every connection at once, on both sides."""
        for connection in self._connections:
            connection.end()

    def cut_inside(self) -> None:
        """The next bytes for each client arrive by half, then its connection ends: often in the middle of a frame."""
        for connection in self._connections:
            connection.half_of_next = True

    def abandon(self, side: Side) -> None:
        """Half-open: the connection ends, and this side of it is not told. It stays so until `heal`."""
        for connection in self._connections:
            connection.abandon(side)

    def stall(self) -> None:
        """Nothing moves and nothing ends; what the kernel holds is all that a writer gets rid of."""
        self._moving.clear()

    def heal(self) -> None:
        """Behave. What was left half-open ends now."""
        self.broken, self.deaf, self.delay_seconds = False, None, 0.0
        self._moving.set()
        for connection in self._connections:
            connection.half_of_next = False
            if connection.abandoned:
                connection.end()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            if not self.broken:
                await connection.relay(self._target)
        except OSError:
            pass  # the server is away
        finally:
            await connection.close()
            self._connections.discard(connection)

    async def pass_on(self, chunk: bytes, to: asyncio.StreamWriter, side: Side) -> None:
        """Hand a chunk over, as the line is at the moment."""
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        await self._moving.wait()
        if self.deaf != side:
            to.write(chunk)
            await to.drain()


class _Connection:
    """Both halves of one connection."""

    def __init__(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._line = line
        self._client = reader, writer
        self._writers: dict[Side, asyncio.StreamWriter] = {"client": writer}
        self._over = asyncio.Event()
        self.half_of_next = False
        self.abandoned = False

    async def relay(self, target: Target) -> None:
        """Until either side ends, or somebody ends it."""
        self._server = await _connect(target)
        self._writers["server"] = self._server[1]
        ways = (
            asyncio.create_task(self._pump(self._client[0], self._server[1], "server")),
            asyncio.create_task(self._pump(self._server[0], self._client[1], "client")),
        )
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait((*ways, over), return_when=asyncio.FIRST_COMPLETED)
        if self.abandoned:
            await self._over.wait()
        for task in (*ways, over):
            task.cancel()
        await asyncio.gather(*ways, over, return_exceptions=True)

    async def _pump(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, side: Side) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK_BYTES):
                if self.half_of_next and side == "client":
                    chunk = chunk[: len(chunk) // 2]
                await self._line.pass_on(chunk, to, side)
                if self.half_of_next and side == "client":
                    await asyncio.sleep(0)
                    return

    def abandon(self, side: Side) -> None:
        self.abandoned = True
        other = self._writers.get("server" if side == "client" else "client")
        if other is not None:
            other.transport.abort()

    def end(self) -> None:
        self._over.set()
        for writer in self._writers.values():
            writer.transport.abort()

    async def close(self) -> None:
        """What was written still leaves, unless the connection was ended."""
        for writer in self._writers.values():
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(target, Path):
        return await asyncio.open_unix_connection(target)
    host, port = target if isinstance(target, tuple) else ("127.0.0.1", target)
    return await asyncio.open_connection(host, port)
