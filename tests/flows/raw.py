"""A WebSocket spoken byte by byte, for saying what no well-behaved client would."""

import base64
import os
import socket
import struct
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from websockets.utils import apply_mask

from tests.client.wire import Json, decode, encode

ANSWER_SECONDS = 15.0  # the server waits 10 for a hello


class Gone(Exception):
    """The connection ended without a close frame."""


class RawSocket:
    """After the handshake of a signed-in person. Frames are read as they come, by the book."""

    def __init__(self, port: int, headers: Mapping[str, str], *, receive_bytes: int | None = None) -> None:
        """`receive_bytes`: how little the kernel keeps for us while we do not read."""
        self._socket = socket.socket()
        if receive_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(ANSWER_SECONDS)
        self._socket.connect(("127.0.0.1", port))
        self._unread = b""
        self.handshake = self._shake_hands(port, headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def _shake_hands(self, port: int, headers: Mapping[str, str]) -> str:
        """The status line and headers of the answer."""
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.write(f"GET /api/v1/ws HTTP/1.1\r\n{head}\r\n".encode())
        while b"\r\n\r\n" not in self._unread:
            self._fill()
        answer, _, self._unread = self._unread.partition(b"\r\n\r\n")
        return answer.decode()

    def write(self, raw: bytes) -> None:
        self._socket.sendall(raw)

    def say(self, frame: Json) -> None:
        """A JSON frame, in order."""
        self.write(framed(encode(frame)))

    def end_writing(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def hello(self, cursor: str | None = None) -> Json:
        """Say hello and read up to the welcome."""
        self.say({"type": "hello", "cursor": cursor, "active": True})
        return self.hear("welcome")

    def hear(self, kind: str) -> Json:
        """The next frame of a type; others are passed over. Raises Gone."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == 8:
                raise Gone(f"closed {payload!r} while waiting for {kind}")
            frame: Json = decode(payload) if opcode == 1 else {"type": f"opcode {opcode}"}
            if frame["type"] == kind:
                return frame

    def hear_close(self) -> int:
        """The code of the close frame; what comes before is passed over. Raises Gone."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == 8:
                return int(struct.unpack("!H", payload[:2])[0])

    def read_frame(self) -> tuple[int, bytes]:
        """Opcode and payload of one frame. Raises Gone."""
        first, second = self._take(2)
        assert first & 0xF0 == 0x80, "the server neither fragments nor sets reserved bits"
        assert second < 0x80, "a server does not mask"
        length = second
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        return first & 0x0F, self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._unread) < count:
            self._fill()
        taken, self._unread = self._unread[:count], self._unread[count:]
        return taken

    def _fill(self) -> None:
        try:
            chunk = self._socket.recv(1 << 20)
        except ConnectionError as error:
            raise Gone(str(error)) from error
        if not chunk:
            raise Gone("the connection ended without a close frame")
        self._unread += chunk


def framed(
    payload: bytes, opcode: int = 1, *, final: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    """A client's frame, right or wrong."""
    head = bytes((final << 7 | reserved << 4 | opcode,))
    length, bit = len(payload), 0x80 if masked else 0
    if length < 126:
        head += bytes((bit | length,))
    elif length < 65536:
        head += struct.pack("!BH", bit | 126, length)
    else:
        head += struct.pack("!BQ", bit | 127, length)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + apply_mask(payload, mask)


def closing_code(port: int, headers: Mapping[str, str], *said: Any, greet: bool = True) -> int:
    """The code with which the server closes after hearing these raw bytes."""
    with RawSocket(port, headers) as raw:
        if greet:
            raw.hello()
        for chunk in said:
            raw.write(chunk)
        return raw.hear_close()
