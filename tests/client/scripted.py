"""A server that says what a test tells it to: for the duties that a well-behaved server never calls upon."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.client.device import Device
from tests.client.events import CHANNEL, ME, channel
from tests.client.ladder import Pace
from tests.client.rest import Rest, Server
from tests.client.wire import Channel, Event, Json, Rung, decode

QUICK = Pace(poll_seconds=0.02, hold_seconds=1, probe_seconds=0.2, backoff_limit_seconds=0.05)

SendAnswer = Callable[[Json], Awaitable[Json | None]]
"""What a `send` frame is answered with; None: nothing at all."""


class Script:
    """The server's part: `heads` and `log` are its state, `say` speaks on the open socket, `requests` what it heard."""

    def __init__(self) -> None:
        self.heads: list[Channel] = [channel(3)]
        self.log: list[Event] = []
        self.welcome: Json = {}
        self.said: list[Json] = []
        self.posted: list[Json] = []
        self.refusals: list[tuple[int, str, float | None]] = []
        self.answer_send: SendAnswer | None = None
        self.opens = True
        self.socket: web.WebSocketResponse | None = None
        self.connections = 0

    def application(self) -> web.Application:
        made = web.Application()
        made.add_routes(
            [
                web.get("/api/v1/ws", self._open),
                web.get("/api/v1/sync", self._sync),
                web.get("/api/v1/channels/{channel_id}/events", self._events),
                web.post("/api/v1/channels/{channel_id}/messages", self._post),
            ]
        )
        return made

    async def say(self, **frame: Any) -> None:
        assert self.socket is not None
        await self.socket.send_json(frame)

    async def close(self, code: int) -> None:
        assert self.socket is not None
        await self.socket.close(code=code)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        if not self.opens:
            return web.Response(status=400)
        self.socket = socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.connections += 1
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._hear(socket, decode(message.data))
        return socket

    async def _hear(self, socket: web.WebSocketResponse, frame: Json) -> None:
        self.said.append(frame)
        if frame["type"] == "hello":
            await socket.send_json(self._welcome(frame["cursor"]))
        elif frame["type"] == "send" and self.answer_send is not None:
            answer = await self.answer_send(frame)
            if answer is not None and not socket.closed:
                await socket.send_json({"id": frame["id"], **answer})

    def _welcome(self, cursor: str | None) -> Json:
        start = {"heads": self.heads} if cursor is None else {}
        return {
            "type": "welcome",
            "cursor": cursor or "c0",
            "resync": False,
            "reset": [],
            "heartbeat_seconds": 25,
            **start,
            **self.welcome,
        }

    async def _sync(self, request: web.Request) -> web.Response:
        if self.refusals:
            return self._refusal()
        cursor = request.query.get("cursor")
        if cursor is not None and request.query["wait"] != "0":
            await asyncio.sleep(0.05)
        heads = self.heads if cursor is None else None
        return web.json_response(
            {
                "cursor": cursor or "c0",
                "resync": False,
                "events": [],
                "more": False,
                "reset": [],
                "heads": heads,
            }
        )

    async def _events(self, request: web.Request) -> web.Response:
        after = int(request.query["after"])
        found = [event for event in self.log if event["seq"] > after]
        return web.json_response({"events": found[:2], "has_before": after > 0, "has_after": len(found) > 2})

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.posted.append(body)
        if self.refusals:
            return self._refusal()
        return web.json_response({"event": own_message(10 + len(self.posted), body)}, status=201)

    def _refusal(self) -> web.Response:
        status, code, retry_after = self.refusals.pop(0)
        problem: Json = {"type": "t", "title": "t", "status": status, "code": code, "detail": "d"}
        headers = {}
        if retry_after is not None:
            problem["retry_after"], headers["Retry-After"] = retry_after, "1"
        return web.json_response(
            problem, status=status, headers=headers, content_type="application/problem+json"
        )


def own_message(seq: int, said: Json) -> Event:
    """The event that a send becomes."""
    return {
        "channel_id": CHANNEL,
        "seq": seq,
        "kind": "message",
        "at": 1_000_000 + seq,
        "author_id": ME,
        "version": seq,
        "client_message_id": said["client_message_id"],
        "text": said["text"],
        "count": seq,
    }


@asynccontextmanager
async def following(script: Script, rung: Rung | None = "websocket") -> AsyncIterator[Device]:
    """A device that follows the script; what it fails with is the test's to look at."""
    runner = web.AppRunner(script.application(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert runner.addresses
    server = Server(f"http://127.0.0.1:{runner.addresses[0][1]}")
    device = Device(Rest(server), ME, rung=rung, pace=QUICK)
    try:
        await device.start()
        await device.until(lambda one: one.connections)
        yield device
    finally:
        await device.give_up()
        await server.close()
        await runner.cleanup()
