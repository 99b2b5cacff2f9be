"""A wire between a server and its Redis that can be cut: bytes from a port to a unix socket and back, or nowhere."""

import asyncio
from contextlib import suppress
from pathlib import Path

from tests.loop_thread import LoopThread

CHUNK_BYTES = 64 * 1024


class Relay(LoopThread):
    """`with Relay(path) as relay:` and give `relay.url` to a server as REDIS_URL. Runs in a thread of its own."""

    def __init__(self, target: Path) -> None:
        super().__init__("relay")
        self._target = target
        self._links: set[asyncio.Task[None]] = set()
        self._whole = asyncio.Event()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}"

    def cut(self) -> None:
        """From now on nothing arrives on either side, and neither is told: as when a cable is pulled out."""
        self._loop.call_soon_threadsafe(self._whole.clear)

    def mend(self) -> None:
        """What was on its way when it was cut is lost with its connection; new ones work."""
        self._run(self._mend())

    async def _listen(self) -> None:
        self._whole.set()
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _mend(self) -> None:
        await self._end_links()
        self._whole.set()

    async def _close(self) -> None:
        self._server.close()
        while under_way := asyncio.all_tasks() - {asyncio.current_task()}:
            await self._end_links()  # one may have been accepted just before, and not have begun
            await asyncio.wait(under_way, timeout=0.05)

    async def _end_links(self) -> None:
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._whole.wait()
                await self._join(reader, writer)
        finally:
            self._links.discard(link)
            await _aborted(writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._target)
        ways = [
            asyncio.create_task(self._pump(reader, there_writer)),
            asyncio.create_task(self._pump(there_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await _aborted(there_writer)

    async def _pump(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while chunk := await source.read(CHUNK_BYTES):
            await self._whole.wait()
            to.write(chunk)
            await to.drain()


async def _aborted(writer: asyncio.StreamWriter) -> None:
    """End it without a word, and wait for that: the loop must not end before."""
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()
