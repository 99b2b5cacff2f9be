"""One client with blocking sockets, as small as can be, so that what it measures is the server: kept-alive REST, and a
WebSocket up to `live`."""

import json
import os
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any, Self

import msgspec
from websockets.speedups import apply_mask

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """A kept-alive connection of somebody who is signed in (or nobody: no token)."""

    def __init__(self, port: int, token: str = "") -> None:
        self._socket = _connect(port)
        self._signed = f"Authorization: Bearer {token}\r\n" if token else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """The whole answer, and how long it took."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = "" if body is None else "Content-Type: application/json\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._signed}{kind}Content-Length: {len(content)}"
        began = time.perf_counter()
        self._socket.sendall(f"{head}\r\n\r\n".encode() + content)
        received = self._receive_head()
        before, _, rest = received.partition(b"\r\n\r\n")
        length = _content_length(before)
        parts = [rest]
        missing = length - len(rest)
        while missing > 0:
            parts.append(_some(self._socket))
            missing -= len(parts[-1])
        return Answer(int(before.split(b" ", 2)[1]), b"".join(parts), time.perf_counter() - began)

    def get(self, path: str) -> Answer:
        """Raises RuntimeError for anything but 200."""
        answer = self.ask("GET", path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.body!r}")
        return answer

    def _receive_head(self) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += _some(self._socket)
        return received


class _Heard(msgspec.Struct):
    """What matters of a frame; nothing inside of an event is looked at."""

    type: str
    cursor: str | None = None
    events: list[msgspec.Raw] = []
    reset: list[msgspec.Raw] = []


_heard = msgspec.json.Decoder(_Heard)


@dataclass(frozen=True)
class CaughtUp:
    """What came from connecting to `live`."""

    seconds: float
    bytes: int
    events: int
    reset: int
    cursor: str


def catch_up(port: int, token: str, cursor: str | None) -> CaughtUp:
    """Connect, present the cursor, take everything until `live`, acknowledging as a client must."""
    began = time.perf_counter()
    link = _connect(port)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    link.sendall(
        f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        + _frame({"type": "hello", "cursor": cursor})
    )
    held = bytearray()
    while b"\r\n\r\n" not in held:
        held += _some(link)
    del held[: held.index(b"\r\n\r\n") + 4]
    total = events = reset = 0
    reached = cursor or ""
    while True:
        while (payload := _take_frame(held)) is None:
            held += _some(link)
        total += len(payload)
        frame = _heard.decode(payload)
        reached = frame.cursor or reached
        if frame.type == "welcome":
            reset = len(frame.reset)
        elif frame.type == "events":
            events += len(frame.events)
            link.sendall(_frame({"type": "ack", "cursor": reached}))
        elif frame.type == "live":
            seconds = time.perf_counter() - began
            link.close()
            return CaughtUp(seconds, total, events, reset, reached)


def _connect(port: int) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def _some(link: socket.socket) -> bytes:
    received = link.recv(1 << 18)
    if not received:
        raise ConnectionError("the server ended the connection")
    return received


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _frame(content: object) -> bytes:
    """RFC 6455 5.2: a masked text frame."""
    payload = json.dumps(content).encode()
    mask = os.urandom(4)
    size = len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return b"\x81" + length + mask + apply_mask(payload, mask)


def _take_frame(held: bytearray) -> bytes | None:
    """The payload of the first frame, taken off; None while it is not whole."""
    if len(held) < 2:
        return None
    size, header = held[1] & 0x7F, 2
    if size == 126:
        size, header = int.from_bytes(held[2:4], "big"), 4
    elif size == 127:
        size, header = int.from_bytes(held[2:10], "big"), 10
    if len(held) < header + size:
        return None
    payload = bytes(held[header : header + size])
    del held[: header + size]
    return payload
