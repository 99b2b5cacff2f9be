"""How the people of a mixed day reach the server: one kept-alive HTTP connection, and WebSockets by picows."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Self

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

ACK_EVENTS, ACK_SECONDS = 50, 1.0
CLOSED = (ConnectionError, EOFError, asyncio.IncompleteReadError)


class Heard(msgspec.Struct):
    """What matters of an event."""

    channel_id: str
    seq: int
    kind: str
    text: str = ""


class Frame(msgspec.Struct):
    """What matters of a frame, and of an answer of `/sync`."""

    type: str = ""
    cursor: str | None = None
    events: list[Heard] = []
    more: bool = False
    id: int = 0
    code: str = ""


frames = msgspec.json.Decoder(Frame)


class Http:
    """One connection, kept alive; requests one after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, token: str, body: object = None) -> tuple[int, bytes]:
        """Status and body. A connection that the server gave up meanwhile is made anew, once."""
        async with self._turn:
            request = _request(method, path, token, body)
            if self._streams is not None:
                try:
                    return await self._exchange(request)
                except CLOSED:
                    self.close()
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            return await self._exchange(request)

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, after = head.partition(b"content-length:")
        length = int(after.split(b"\r", 1)[0]) if after else 0
        return int(head.split(b" ", 2)[1]), await reader.readexactly(length)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _request(method: str, path: str, token: str, body: object) -> bytes:
    content = b"" if body is None else msgspec.json.encode(body)
    head = (
        f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


class Socket(WSListener):
    """A WebSocket that keeps a client's duties: acknowledges, answers heartbeats. `hear` gets each frame."""

    def __init__(
        self, cursor: str, active: bool, hear: Callable[[Frame], None], ended: Callable[[], None]
    ) -> None:
        self.cursor = cursor
        self._active = active
        self._hear = hear
        self._ended = ended
        self._unacknowledged = 0
        self._loop = asyncio.get_running_loop()
        self.live = self._loop.create_future()
        self._transport: WSTransport | None = None

    @classmethod
    async def open(
        cls,
        port: int,
        token: str,
        cursor: str,
        active: bool,
        hear: Callable[[Frame], None],
        ended: Callable[[], None],
    ) -> Self:
        """Returns when it is live."""
        _, socket = await ws_connect(
            lambda: cls(cursor, active, hear, ended),
            f"ws://127.0.0.1:{port}/api/v1/ws",
            extra_headers={"Authorization": f"Bearer {token}"},
            websocket_handshake_timeout=60,
        )
        assert isinstance(socket, cls)
        await socket.live
        return socket

    def say(self, **frame: object) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, msgspec.json.encode(frame))

    def beat(self) -> None:
        self.say(type="heartbeat", active=self._active)

    def close(self) -> None:
        self._ended = _nothing
        if self._transport is not None:
            self._transport.disconnect()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        device = str(uuid.uuid4())
        self.say(type="hello", cursor=self.cursor, device=device, active=self._active)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        if not self.live.done():
            self.live.set_exception(ConnectionError("ended before it was live"))
        else:
            self._ended()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        heard = frames.decode(frame.get_payload_as_memoryview())
        self.cursor = heard.cursor or self.cursor
        if heard.events:
            self._note(len(heard.events))
        elif heard.type == "heartbeat":
            self.beat()
        elif heard.type == "live":
            self.live.set_result(None)
        self._hear(heard)

    def _note(self, events: int) -> None:
        if not self._unacknowledged:
            self._loop.call_later(ACK_SECONDS, self._acknowledge)
        self._unacknowledged += events
        if self._unacknowledged >= ACK_EVENTS:
            self._acknowledge()

    def _acknowledge(self) -> None:
        if self._unacknowledged:
            self.say(type="ack", cursor=self.cursor)
            self._unacknowledged = 0


def _nothing() -> None:
    """It was ended here."""
