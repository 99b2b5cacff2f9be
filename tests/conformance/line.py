"""A TCP connection that writes packet by packet, and reads a server's frames by the book (RFC 6455 5.2)."""

import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Self

ANSWER_SECONDS = 20.0
_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _REQUEST = 4, 20, 1


class ServerFrame(NamedTuple):
    opcode: int
    payload: bytes


class Line:
    """`was_reset` after a read: the other side dropped what we wrote instead of reading it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""
        self.was_reset = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def write(self, raw: bytes) -> None:
        """Harmless when the other side is gone: what it said until then can still be read."""
        try:
            self._socket.sendall(raw)
        except ConnectionError:
            self.was_reset = True

    def write_packets(self, packets: tuple[bytes, ...]) -> None:
        """Each is read by the server before the next one is written, so that it cannot see two as one."""
        if len(packets) == 1:
            self.write(packets[0])
            return
        with _unread_bytes(self._socket) as unread:
            for packet in packets:
                self.write(packet)
                _wait_until_read(unread)

    def end_writing(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.was_reset = True

    def read_head(self) -> str:
        """The status line and headers of an HTTP answer; empty when there is none."""
        while b"\r\n\r\n" not in self._unread:
            if not self._fill():
                return ""
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        return head.decode()

    def read_body(self, head: str) -> bytes:
        """What follows a head that says how long it is."""
        (length,) = [line[16:] for line in head.lower().split("\r\n") if line.startswith("content-length: ")]
        body = self._take(int(length))
        assert body is not None, "a body is cut off"
        return body

    def read_frame(self) -> ServerFrame | None:
        """The next frame; None when there are no more. A frame that breaks a rule for servers is an error here."""
        head = self._take(2)
        if head is None:
            return None
        first, length = head
        opcode = first & 0x0F
        assert first & 0xF0 == 0x80, "whole frames, no reserved bits"
        assert opcode in (1, 2, 8, 9, 10), f"opcode {opcode}"
        assert length < 0x80, "a server does not mask (5.1)"
        assert opcode < 8 or length < 126, "a control frame holds at most 125 bytes (5.5)"
        payload = self._take(self._long_length(length))
        assert payload is not None, "a frame is cut off"
        return ServerFrame(opcode, payload)

    def read_end(self) -> None:
        """Wait for the other side's FIN or reset; nothing may come before it."""
        assert not self._unread
        assert not self._fill(), f"{self._unread!r} after the close frame"

    def _long_length(self, length: int) -> int:
        if length < 126:
            return length
        size, least = (2, 126) if length == 126 else (8, 1 << 16)
        raw = self._take(size)
        assert raw is not None
        assert int.from_bytes(raw, "big") >= least, "a length is as short as it can be (5.2)"
        return int.from_bytes(raw, "big")

    def _take(self, count: int) -> bytes | None:
        while len(self._unread) < count:
            if not self._fill():
                assert not self._unread, "a frame is cut off"
                return None
        taken, self._unread = self._unread[:count], self._unread[count:]
        return taken

    def _fill(self) -> bool:
        try:
            chunk = self._socket.recv(1 << 18)
        except ConnectionError:
            self.was_reset = True
            return False
        self._unread += chunk
        return bool(chunk)


class _UnreadBytes:
    """Asks the kernel what a server on this machine has yet to read of one connection (sock_diag(7))."""

    def __init__(self, netlink: socket.socket, ours: tuple[str, int], theirs: tuple[str, int]) -> None:
        self._netlink = netlink
        pair = struct.pack("!HH16s16s", theirs[1], ours[1], _address(theirs), _address(ours))
        place = pair + struct.pack("=I8s", 0, b"\xff" * 8)
        body = struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0xFFFFFFFF) + place
        self._question = struct.pack("=IHHII", 16 + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST, 0, 0) + body

    def __call__(self) -> int:
        """0 too when the connection is gone."""
        self._netlink.sendall(self._question)
        answer = self._netlink.recv(4096)
        (kind,) = struct.unpack_from("=H", answer, 4)
        return int(struct.unpack_from("=I", answer, 72)[0]) if kind == _SOCK_DIAG_BY_FAMILY else 0


def _address(place: tuple[str, int]) -> bytes:
    return socket.inet_aton(place[0])


@contextmanager
def _unread_bytes(ours: socket.socket) -> Iterator[_UnreadBytes | None]:
    """None off Linux: packets are then written one by one and may be read together."""
    if sys.platform != "linux":
        yield None
        return
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        yield _UnreadBytes(netlink, ours.getsockname(), ours.getpeername())


def _wait_until_read(unread: _UnreadBytes | None) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while unread is not None and unread():
        assert time.monotonic() < deadline, "the server does not read"
        time.sleep(0)
