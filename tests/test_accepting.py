"""Whoever had connected when a server ends is told so, however far it had been taken in."""

import asyncio
import socket
from contextlib import suppress

import pytest

from tests.accepting import ACCEPTING_TURNS, close_listener
from tests.flows.crowd import flow

SECONDS = 5


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("turns", range(ACCEPTING_TURNS + 1))
@flow
async def test_a_connection_is_ended_with_its_server_at_each_turn_of_being_taken(turns: int) -> None:
    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    with socket.create_connection(server.sockets[0].getsockname()) as client:
        client.setblocking(False)
        for _ in range(turns):
            await asyncio.sleep(0)
        await close_listener(server)
        async with asyncio.timeout(SECONDS):
            with suppress(ConnectionError):
                assert await asyncio.get_running_loop().sock_recv(client, 1) == b""
