"""The handshake of a real server, byte by byte: who is let in, and that nothing is left of those who went."""

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode

from app.realtime.wire import MAX_FIRST_FRAME_BYTES
from tests.people import DEADLINE_SECONDS, Person, wait_until
from tests.serving import Server

HELLO = b'{"type":"hello"}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("upgrade")) as server:
        yield server
    assert "Traceback" not in server.log


@pytest.fixture(scope="module")
def ann(server: Server) -> Person:
    return Person(server, "ann")


class Line:
    """A plain connection that says exactly what it is told."""

    def __init__(self, server: Server) -> None:
        self._end = socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_SECONDS)
        self._bytes = b""

    def say(self, text: bytes) -> None:
        self._end.sendall(text)

    def until(self, wanted: bytes) -> bytes:
        """Everything up to and including it."""
        while wanted not in self._bytes:
            chunk = self._end.recv(65_536)
            assert chunk, f"it ended with {self._bytes!r}"
            self._bytes += chunk
        found, _, self._bytes = self._bytes.partition(wanted)
        return found + wanted

    def rest(self) -> bytes:
        """Everything until the other side ends."""
        while chunk := self._end.recv(65_536):
            self._bytes += chunk
        return self._bytes

    def reset(self) -> None:
        self._end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._end.close()

    def close(self) -> None:
        self._end.close()


def handshake(person: Person | None, **changed: str | None) -> bytes:
    """What a program sends; with other values of some headers, or without them."""
    headers: dict[str, str | None] = {
        "Host": "maru.test",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Authorization": f"Bearer {person.token}" if person else None,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return ("\r\n".join(["GET /api/v1/ws HTTP/1.1", *lines]) + "\r\n\r\n").encode()


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    with closing(Line(server)) as line:
        yield line


def text(payload: bytes) -> bytes:
    return Frame(Opcode.TEXT, payload).serialize(mask=True)


def test_the_key_is_answered_as_rfc_6455_says(line: Line, ann: Person) -> None:
    line.say(handshake(ann))
    answer = line.until(b"\r\n\r\n").decode()
    assert answer.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
    assert "Sec-WebSocket-Extensions" not in answer


def test_a_hello_in_the_packet_of_the_handshake_is_heard(line: Line, ann: Person) -> None:
    line.say(handshake(ann) + text(HELLO))
    assert line.until(b'{"type":"live"}').startswith(b"HTTP/1.1 101 ")


def test_a_hello_that_is_cut_between_the_handshakes_packet_and_the_next_is_heard(
    line: Line, ann: Person
) -> None:
    frame = text(HELLO)
    line.say(handshake(ann) + frame[:5])
    line.until(b"\r\n\r\n")
    line.say(frame[5:])
    line.until(b'{"type":"live"}')


def test_a_handshake_that_comes_byte_by_byte_is_understood(line: Line, ann: Person) -> None:
    for byte in handshake(ann):
        line.say(bytes([byte]))
    line.until(b"HTTP/1.1 101 ")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"Authorization": None}, 401, "unauthenticated"),
        ({"Authorization": "Bearer nobody"}, 401, "unauthenticated"),
        ({"Origin": "https://elsewhere.example"}, 403, "cross_origin"),
        ({"Origin": "null"}, 403, "cross_origin"),
        ({"Sec_Fetch_Site": "cross-site"}, 403, "cross_origin"),
        ({"Sec_WebSocket_Key": "short"}, 400, "bad_json"),
        ({"Sec_WebSocket_Key": None}, 400, "bad_json"),
        ({"Sec_WebSocket_Key": "!" * 24}, 400, "bad_json"),
        ({"Upgrade": None}, 426, "invalid"),
        ({"Sec_WebSocket_Version": "8"}, 426, "invalid"),
        ({"Sec_WebSocket_Version": None}, 426, "invalid"),
    ],
)
def test_who_may_not_come_in_is_refused_before_the_101_with_a_problem(
    line: Line, ann: Person, changed: dict[str, str | None], status: int, code: str
) -> None:
    line.say(handshake(ann, **changed))
    head = line.until(b"\r\n\r\n").decode()
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert json.loads(line.until(b"}"))["code"] == code
    assert ("Sec-WebSocket-Version: 13" in head) == (status == 426)


@pytest.mark.parametrize("headers", [{"Origin": "http://maru.test"}, {"Sec_Fetch_Site": "same-origin"}, {}])
def test_the_own_page_and_programs_come_in(line: Line, ann: Person, headers: dict[str, str]) -> None:
    line.say(handshake(ann, **headers))
    line.until(b"HTTP/1.1 101 ")


def test_before_the_greeting_only_small_frames_are_taken(line: Line, ann: Person) -> None:
    line.say(handshake(ann))
    line.until(b"\r\n\r\n")
    line.say(text(b'{"type":"hello","cursor":"%b"}' % (b"x" * MAX_FIRST_FRAME_BYTES)))
    assert b'{"type":"bye","code":"too_big","after_ms":0}' in line.rest()


def test_of_connections_that_went_however_they_went_nothing_is_left(server: Server, ann: Person) -> None:
    before = open_files(server)
    for how in ("close", "reset", "goodbye", "at once", "garbage"):
        with ExitStack() as lines:
            for _ in range(10):
                line = lines.enter_context(closing(Line(server)))
                line.say(handshake(ann) + text(HELLO))
                if how == "at once":
                    continue
                line.until(b'{"type":"live"}')
                if how == "reset":
                    line.reset()
                elif how == "goodbye":
                    line.say(Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True))
                    assert line.rest() == b"\x88\x02\x03\xe8"
                elif how == "garbage":
                    line.say(os.urandom(100))
        wait_until(lambda: open_files(server) <= before)


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
