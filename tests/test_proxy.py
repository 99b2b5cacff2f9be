"""The proxy that behaves badly on demand, between a small real server and a real client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
import pytest
from aiohttp import web

from tests.flows.crowd import flow
from tests.proxy import Proxy

UPGRADES_DENIED: tuple[Literal["refuse", "strip"], ...] = ("refuse", "strip")


@asynccontextmanager
async def between() -> AsyncIterator[tuple[Proxy, aiohttp.ClientSession]]:
    """A proxy before a server with `/echo`, `/chunks`, `/held` and `/ws`, and a client that talks to the proxy."""
    application = web.Application()
    application.add_routes(
        [
            web.post("/echo", echo),
            web.get("/chunks", chunks),
            web.get("/held", held),
            web.get("/ws", repeat_words),
        ]
    )
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        with Proxy(runner.addresses[0][1]) as proxy:
            async with aiohttp.ClientSession(proxy.url) as client:
                yield proxy, client
    finally:
        await runner.cleanup()


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def chunks(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    answer.enable_chunked_encoding()
    await answer.prepare(request)
    for number in range(100):
        await answer.write(b"%d," % number)
    await answer.write_eof()
    return answer


async def held(request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def repeat_words(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"{message.data}!")
    return socket


@flow
async def test_requests_of_all_kinds_pass_on_one_connection() -> None:
    async with between() as (proxy, client):
        for size in (0, 10, 1_000_000):
            async with client.post("/echo", data=b"x" * size) as answer:
                assert len(await answer.read()) == size
        async with client.get("/chunks") as answer:
            assert (await answer.read()).split(b",")[-2] == b"99"
        async with client.post("/nowhere") as answer:
            assert answer.status == 404
        assert proxy.counts.requests == 5
        assert len(proxy.counts.connections) == 1


@flow
async def test_websockets_pass_until_they_are_cut() -> None:
    async with between() as (proxy, client), client.ws_connect("/ws") as socket:
        await socket.send_str("one")
        assert await socket.receive_str() == "one!"
        await asyncio.to_thread(proxy.cut)
        assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


@flow
async def test_upgrades_are_refused_by_the_proxy_or_by_the_server_that_does_not_see_them() -> None:
    async with between() as (proxy, client):
        for how in UPGRADES_DENIED:
            proxy.behaviour.upgrades = how
            with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
                await client.ws_connect("/ws")
            assert raised.value.status == 400
        assert (proxy.counts.upgrades, proxy.counts.refused) == (2, 1)
        async with client.post("/echo", data=b"still there") as answer:
            assert await answer.read() == b"still there"


@flow
async def test_a_held_request_is_cut_and_others_are_not() -> None:
    async with between() as (proxy, client):
        proxy.behaviour.hold_seconds = 0.2
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.get("/held")
        proxy.behaviour.cut_with = "504"
        async with client.get("/held") as answer:
            assert answer.status == 504
        async with client.post("/echo", data=b"quick") as answer:
            assert await answer.read() == b"quick"
        assert proxy.counts.cut >= 2  # a client may ask again by itself


@flow
async def test_a_deaf_side_hears_nothing_of_what_was_said_meanwhile() -> None:
    async with between() as (proxy, client), client.ws_connect("/ws") as socket:
        for deaf in ("server", "client"):
            proxy.behaviour.deaf = deaf
            await socket.send_str("swallowed")
            with pytest.raises(TimeoutError):
                await socket.receive(timeout=0.2)
            proxy.behaviour.deaf = None
        await socket.send_str("heard")
        assert await socket.receive_str() == "heard!"


@flow
async def test_what_was_said_in_a_pause_arrives_after_it() -> None:
    async with between() as (proxy, client), client.ws_connect("/ws") as socket:
        proxy.behaviour.paused = True
        await socket.send_str("patience")
        waiting = asyncio.create_task(socket.receive_str())
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        proxy.behaviour.paused = False
        assert await waiting == "patience!"
