"""Reading one row of the table to one server, and writing down what it says."""

import base64
from typing import NamedTuple

from tests.conformance.case import Case, Closed, Ended, Heard, Welcomed
from tests.conformance.line import Line
from tests.conformance.octets import close
from tests.conformance.subjects import Subject

KEY = base64.b64encode(b"sixteen octets!!").decode()


class Outcome(NamedTuple):
    """`reason`: the text of the close frame. `reset`: the server ended the connection with a reset instead."""

    heard: tuple[Heard, ...]
    reason: str
    reset: bool


def handshake(subject: Subject) -> bytes:
    head = (
        f"GET {subject.path} HTTP/1.1",
        f"Host: 127.0.0.1:{subject.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
        *subject.headers,
    )
    return "\r\n".join((*head, "", "")).encode()


def open_line(subject: Subject, *, greeted: bool = True) -> Line:
    """A WebSocket of this server, after its greeting if it has one."""
    line = Line(subject.port)
    line.write(handshake(subject) + (subject.hello if greeted else b""))
    head = line.read_head()
    assert head.startswith("HTTP/1.1 101 "), head
    if greeted and not subject.is_peer:
        assert subject.hear(line)[0] == Welcomed()
    return line


def converse(subject: Subject, case: Case) -> Outcome:
    """Write the row's packets, and hear what comes back up to the end of the TCP connection, which is the server's to
    end (7.1.1)."""
    with open_line(subject, greeted=case.greeted) as line:
        line.write_packets(case.writes)
        if case.cuts or (case.unfinished and subject.is_peer):
            line.end_writing()
        heard: list[Heard] = []
        reason = _listen(subject, line, heard, len(case.hears))
        if not _is_over(heard) and not case.closes:
            line.write(close())
        if not _is_over(heard):
            reason = _listen(subject, line, heard, None)
        if not case.closes and isinstance(heard[-1], Closed):
            line.write(close(heard[-1].code))
        line.read_end()
        return Outcome(tuple(heard), reason, line.was_reset)


def _is_over(heard: list[Heard]) -> bool:
    return bool(heard) and isinstance(heard[-1], Closed | Ended)


def _listen(subject: Subject, line: Line, heard: list[Heard], count: int | None) -> str:
    """Hear so many things, or all; less if it is over before. The reason of the close frame."""
    while (count is None or len(heard) < count) and not _is_over(heard):
        one, payload = subject.hear(line)
        heard.append(one if one is not None else Ended())
        if isinstance(one, Closed):
            return payload[2:].decode()
    return ""
