"""The line misbehaves exactly as asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest

from tests.accepting import close_listener
from tests.flows.crowd import flow
from tests.line import Line

SECONDS = 5
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """A server that says everything again and remembers it."""

    def __init__(self) -> None:
        self.heard = b""
        self.ended = 0
        self.serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(cast(asyncio.Task[None], asyncio.current_task()))
        with suppress(ConnectionError):
            while chunk := await reader.read(1 << 16):
                self.heard += chunk
                writer.write(chunk)
        self.ended += 1
        await closed(writer)

    async def until(self, done: str) -> None:
        async with asyncio.timeout(SECONDS):
            while not getattr(self, done):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def lined() -> AsyncIterator[tuple[Echo, Line, Streams]]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    line = Line(server.sockets[0].getsockname()[1])
    await line.start()
    streams = await asyncio.open_connection("127.0.0.1", line.port)
    streams[1].write(b"hello")
    assert await streams[0].readexactly(5) == b"hello"
    try:
        yield echo, line, streams
    finally:
        await closed(streams[1])
        await line.close()
        await close_listener(server)
        await asyncio.wait(echo.serving, timeout=SECONDS)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close, and wait for it: the loop must not end before."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def comes(reader: asyncio.StreamReader) -> bytes:
    """What comes next; b"" at the end, an error counts as one."""
    try:
        return await asyncio.wait_for(reader.read(100), SECONDS)
    except ConnectionError:
        return b""


async def nothing_comes(reader: asyncio.StreamReader) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(100), 0.1)


@flow
async def test_a_cut_ends_both_sides() -> None:
    async with lined() as (echo, line, (reader, _)):
        line.cut()
        assert await comes(reader) == b""
        await echo.until("ended")


@flow
async def test_a_cut_inside_brings_half_and_ends() -> None:
    async with lined() as (_echo, line, (reader, writer)):
        line.cut_inside()
        writer.write(b"12345678")
        assert await comes(reader) == b"1234"
        assert await comes(reader) == b""


@flow
async def test_a_stalled_line_keeps_everything_until_it_is_healed() -> None:
    async with lined() as (_echo, line, (reader, writer)):
        line.stall()
        writer.write(b"12345678")
        await nothing_comes(reader)
        line.heal()
        assert await reader.readexactly(8) == b"12345678"


@flow
async def test_a_deaf_client_is_heard_and_hears_nothing() -> None:
    async with lined() as (echo, line, (reader, writer)):
        line.deaf = "client"
        writer.write(b"12345678")
        await nothing_comes(reader)
        assert echo.heard == b"hello12345678"


@flow
async def test_a_deaf_server_is_told_nothing() -> None:
    async with lined() as (echo, line, (reader, writer)):
        line.deaf = "server"
        writer.write(b"12345678")
        await nothing_comes(reader)
        assert echo.heard == b"hello"


@flow
async def test_an_abandoned_client_does_not_notice_until_the_line_is_healed() -> None:
    async with lined() as (echo, line, (reader, _)):
        line.abandon("client")
        await echo.until("ended")
        await nothing_comes(reader)
        line.heal()
        assert await comes(reader) == b""


@flow
async def test_an_abandoned_server_does_not_notice_until_the_line_is_healed() -> None:
    async with lined() as (echo, line, (reader, _)):
        line.abandon("server")
        assert await comes(reader) == b""
        assert echo.ended == 0
        line.heal()
        await echo.until("ended")


@flow
async def test_a_broken_line_takes_no_connection() -> None:
    async with lined() as (_echo, line, _):
        line.broken = True
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        assert await comes(reader) == b""
        await closed(writer)
