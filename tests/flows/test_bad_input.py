"""Bad frames and bad bodies get the answers of the protocol; the process stays healthy and says no traceback."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.wire import Json, decode
from tests.flows.conftest import make_people
from tests.flows.crowd import Person
from tests.flows.memory import resident_bytes
from tests.flows.raw import RawSocket, closing_code, framed
from tests.serving import Server

ID = "018f3e5a-0000-7000-8000-000000000001"
NOWHERE = "0123456789abcdef"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for this module, whose log is looked through at the end."""
    with Server(tmp_path_factory.mktemp("bad-input")) as made:
        yield made
    assert "Traceback" not in made.log
    assert " ERROR " not in made.log


@pytest.fixture(scope="module")
def person(server: Server) -> Person:
    return make_people(server, 1)[0]


@pytest.fixture(autouse=True)
def healthy_afterwards(server: Server) -> Iterator[None]:
    """Whatever was said, the same process still answers."""
    pid = server.pid
    yield
    assert request(server, "GET", "/healthz")[0] == 200
    assert server.pid == pid


BAD_FRAMES = {
    "unmasked": (framed(b"{}", masked=False), 1002),
    "reserved bit": (framed(b"{}", reserved=4), 1002),
    "reserved opcode": (framed(b"{}", opcode=3), 1002),
    "fragmented control frame": (framed(b"", opcode=9, final=False), 1002),
    "long ping": (framed(b"p" * 126, opcode=9), 1002),
    "continuation of nothing": (framed(b"{}", opcode=0), 1002),
    "message inside a message": (framed(b"{", final=False) + framed(b"{}"), 1002),
    "length beyond 63 bits": (b"\x81\xff" + b"\xff" * 8, 1002),
    "binary": (framed(b"{}", opcode=2), 1003),
    "bad UTF-8": (framed(b'{"type":"\xff"}'), 1007),
    "surrogate in UTF-8": (framed(b'{"type":"\xed\xa0\x80"}'), 1007),
    "bad UTF-8 in fragments": (framed(b'{"type":"\xeb', final=False) + framed(b'"}', opcode=0), 1007),
    "oversized, by its header alone": (b"\x81\xff" + (256 * 1024 + 1).to_bytes(8, "big"), 1009),
    "oversized in fragments": (framed(b" " * 200_000, final=False) + framed(b" " * 200_000, opcode=0), 1009),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_bad_frame_closes_the_connection_with_its_code(server: Server, person: Person, name: str) -> None:
    raw, code = BAD_FRAMES[name]
    assert closing_code(server.port, person.headers, raw) == code


@pytest.mark.parametrize("name", [name for name in BAD_FRAMES if "oversized" not in name])
def test_a_bad_frame_before_hello_closes_likewise(server: Server, person: Person, name: str) -> None:
    raw, code = BAD_FRAMES[name]
    assert closing_code(server.port, person.headers, raw, greet=False) == code


def test_more_than_4_kib_before_hello_is_too_big(server: Server, person: Person) -> None:
    hello = b'{"type":"hello","cursor":null,"padding":"' + b"x" * 4096 + b'"}'
    assert closing_code(server.port, person.headers, framed(hello), greet=False) == 1009


def test_what_is_answered_before_a_bad_frame_is_answered(server: Server, person: Person) -> None:
    with RawSocket(server.port, person.headers) as raw:
        raw.hello()
        raw.write(framed(b'{"type":"nonsense","id":7}') + framed(b"{}", masked=False))
        assert raw.hear("error")["id"] == 7
        assert raw.hear_close() == 1002


BEFORE_HELLO = {
    "another frame": b'{"type":"heartbeat","active":true}',
    "a send": b'{"type":"send","id":1,"channel_id":"x","client_message_id":"y","text":"z"}',
    "bad JSON": b"{",
    "no object": b"[]",
    "an unknown type": b'{"type":"nonsense"}',
}


@pytest.mark.parametrize("name", BEFORE_HELLO)
def test_anything_but_hello_first_is_against_policy(server: Server, person: Person, name: str) -> None:
    assert closing_code(server.port, person.headers, framed(BEFORE_HELLO[name]), greet=False) == 1008


def test_no_hello_within_ten_seconds_is_against_policy(server: Server, person: Person) -> None:
    assert closing_code(server.port, person.headers, framed(b'{"type":"he', final=False), greet=False) == 1008


def send(**fields: Any) -> Json:
    return {"type": "send", "id": 7, "channel_id": NOWHERE, "client_message_id": ID, "text": "x", **fields}


BAD_CONTENT: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"nonsense", "bad_json"),
    "half JSON": (b'{"type":"send"', "bad_json"),
    "empty": (b"", "bad_json"),
    "deep": (b'{"type":' + b"[" * 50_000, "bad_json"),
    "an array": (b"[1,2]", "invalid"),
    "a number": (b"1", "invalid"),
    "no type": (b'{"id":7}', "invalid"),
    "an unknown type": (b'{"type":"nonsense","id":7}', "invalid"),
    "a type that is no text": (b'{"type":7}', "invalid"),
    "a missing field": (b'{"type":"send","id":7}', "invalid"),
    "a field of another kind": (json.dumps(send(text=7)).encode(), "invalid"),
    "an id that is no number": (json.dumps(send(id="seven")).encode(), "invalid"),
    "an id that is too large": (json.dumps(send(id=1 << 60)).encode(), "invalid"),
    "no text": (json.dumps(send(text="")).encode(), "invalid"),
    "too long a text": (json.dumps(send(text="가" * 20_001)).encode(), "invalid"),
    "a control character": (json.dumps(send(text="a\x00b")).encode(), "invalid"),
    "a lone surrogate": (json.dumps(send(text="a\ud800b")).encode(), "invalid"),
    "no UUID": (json.dumps(send(client_message_id="me")).encode(), "invalid"),
    "no such channel": (json.dumps(send()).encode(), "not_found"),
    "no channel's name": (json.dumps(send(channel_id="../x")).encode(), "not_found"),
    "a seq below one": (b'{"type":"read","channel_id":"0123456789abcdef","seq":-1,"id":7}', "invalid"),
}


@pytest.mark.parametrize("name", BAD_CONTENT)
def test_bad_content_is_an_error_and_the_connection_stays(server: Server, person: Person, name: str) -> None:
    raw_frame, code = BAD_CONTENT[name]
    with RawSocket(server.port, person.headers) as raw:
        raw.hello()
        raw.write(framed(raw_frame))
        assert raw.hear("error")["code"] == code
        raw.write(framed(b"beat", opcode=9))
        assert raw.hear("opcode 10")


def test_a_message_in_many_fragments_with_pings_between_is_taken(server: Server, person: Person) -> None:
    whole = json.dumps(send(id=9)).encode()
    with RawSocket(server.port, person.headers) as raw:
        raw.hello()
        raw.write(framed(whole[:1], final=False))
        for position in range(1, len(whole) - 1):
            raw.write(framed(b"p", opcode=9) + framed(whole[position : position + 1], opcode=0, final=False))
        raw.write(framed(whole[-1:], opcode=0))
        assert raw.hear("error")["id"] == 9


def test_a_flood_of_empty_fragments_costs_nothing(server: Server, person: Person) -> None:
    with RawSocket(server.port, person.headers) as raw:
        raw.hello()
        before = resident_bytes(server.pid)
        raw.write(framed(b"", final=False) + framed(b"", opcode=0, final=False) * 100_000)
        raw.write(framed(b'{"type":"nonsense","id":3}', opcode=0))
        assert raw.hear("error")["id"] == 3
        assert resident_bytes(server.pid) - before < 2 << 20


def test_a_frame_cut_off_in_the_middle_ends_quietly(server: Server, person: Person) -> None:
    for cut in (1, 3, 7, 20):
        with RawSocket(server.port, person.headers) as raw:
            raw.hello()
            raw.write(framed(json.dumps(send()).encode())[:cut])
            raw.end_writing()


def test_a_stranger_gets_401_before_any_101(server: Server) -> None:
    with RawSocket(server.port, {}) as raw:
        assert raw.handshake.startswith("HTTP/1.1 401 ")
        assert "application/problem+json" in raw.handshake


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_page_of_another_site_gets_403_before_any_101(
    server: Server, person: Person, headers: dict[str, str]
) -> None:
    with RawSocket(server.port, {**person.headers, **headers}) as raw:
        assert raw.handshake.startswith("HTTP/1.1 403 ")


# Bodies


def request(
    server: Server, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Json]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, decode(content) if content else {}
    finally:
        connection.close()


MESSAGES = f"/api/v1/channels/{NOWHERE}/messages"
JSON = {"Content-Type": "application/json"}

BAD_BODIES: dict[str, tuple[str, str, bytes | None, int, str]] = {
    "no JSON": ("POST", MESSAGES, b"nonsense", 400, "bad_json"),
    "no body": ("POST", MESSAGES, None, 400, "bad_json"),
    "bad UTF-8": ("POST", MESSAGES, b'{"text":"\xff"}', 400, "bad_json"),
    "deep JSON": ("POST", MESSAGES, b"[" * 100_000, 422, "invalid"),
    "an array": ("POST", MESSAGES, b"[]", 422, "invalid"),
    "a missing field": ("POST", MESSAGES, b'{"text":"x"}', 422, "invalid"),
    "wrong kind": ("POST", MESSAGES, b'{"client_message_id":"%s","text":1}' % ID.encode(), 422, "invalid"),
    "control character": (
        "POST",
        MESSAGES,
        b'{"client_message_id":"%s","text":"a\\u0000"}' % ID.encode(),
        422,
        "invalid",
    ),
    "lone surrogate": (
        "POST",
        MESSAGES,
        b'{"client_message_id":"%s","text":"\\ud800"}' % ID.encode(),
        422,
        "invalid",
    ),
    "no such channel": (
        "POST",
        MESSAGES,
        b'{"client_message_id":"%s","text":"x"}' % ID.encode(),
        404,
        "not_found",
    ),
    "too big": ("POST", MESSAGES, b" " * (256 * 1024 + 1), 413, "too_big"),
    "unknown path": ("GET", "/api/v1/nowhere", None, 404, "not_found"),
    "wrong method": ("DELETE", "/api/v1/sync", None, 405, "method_not_allowed"),
    "a wait too long": ("GET", "/api/v1/sync?wait=3600", None, 422, "invalid"),
    "a wait that is no number": ("GET", "/api/v1/sync?wait=soon", None, 422, "invalid"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_request_is_answered_by_its_problem(server: Server, person: Person, name: str) -> None:
    method, path, body, status, code = BAD_BODIES[name]
    got, problem = request(server, method, path, body, {**JSON, **person.headers})
    assert (got, problem["code"], problem["status"]) == (status, code, status)
    assert {"type", "title", "status", "code", "detail"} <= problem.keys()


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "0." * 50, "f" * 32 + ".1"])
def test_an_unreadable_cursor_is_a_resync(server: Server, person: Person, cursor: str) -> None:
    status, answer = request(server, "GET", f"/api/v1/sync?cursor={cursor}", None, dict(person.headers))
    assert status == 200
    assert answer["resync"] is True
    assert answer["heads"] == []


def test_a_body_that_never_comes_whole_ends_quietly(server: Server, person: Person) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)
    connection.putrequest("POST", MESSAGES)
    for name, value in {**JSON, **person.headers, "Content-Length": "1000"}.items():
        connection.putheader(name, value)
    connection.endheaders(b'{"text":')
    connection.close()
