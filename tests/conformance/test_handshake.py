"""The opening handshake of a real Maru, and of its peers: who gets a 101, and that it is a WebSocket from there on."""

import pytest

from tests.conformance.case import Closed, Ponged, Welcomed, taken
from tests.conformance.line import Line
from tests.conformance.octets import close, message_of, ping, text
from tests.conformance.rows.handshakes import ACCEPT, HANDSHAKES, Handshake, asked
from tests.conformance.subjects import Subject

PLAIN = asked("", 101)
REFUSED = [handshake for handshake in HANDSHAKES if handshake.status != 101]


def shake(subject: Subject, handshake: Handshake, early: bytes = b"") -> Line:
    """A connection on which the handshake has been written, and `early` with it."""
    line = Line(subject.port)
    line.write(handshake.spell(subject.path, subject.headers) + early)
    return line


def status_of(head: str) -> int:
    """0 where the connection ended without an answer."""
    return int(head.split()[1]) if head else 0


@pytest.mark.parametrize("handshake", HANDSHAKES, ids=str)
def test_the_handshake_is_answered_as_the_row_says(subject: Subject, handshake: Handshake) -> None:
    with shake(subject, handshake) as line:
        head = line.read_head()
        assert status_of(head) == handshake.status
        if handshake.status == 101:
            require_answer_of_the_rfc(head)
            line.write(subject.hello)
            assert subject.hear(line)[0] == Welcomed()


def require_answer_of_the_rfc(head: str) -> None:
    """RFC 6455 4.2.2: these headers, and neither an extension nor a subprotocol, since none is spoken."""
    first, *lines = head.split("\r\n")
    assert first == "HTTP/1.1 101 Switching Protocols"
    expected = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT}
    assert dict(line.split(": ", 1) for line in lines) == expected


@pytest.mark.parametrize("handshake", HANDSHAKES, ids=str)
def test_maru_lets_in_and_refuses_whom_a_peer_does_or_the_row_says_why(
    peers: tuple[Subject, ...], handshake: Handshake
) -> None:
    theirs = {peer.name: lets_in(peer, handshake) for peer in peers}
    alone = (handshake.status == 101) not in theirs.values()
    assert alone == bool(handshake.differs), theirs


def lets_in(subject: Subject, handshake: Handshake) -> bool:
    with shake(subject, handshake) as line:
        return status_of(line.read_head()) == 101


@pytest.mark.parametrize("handshake", [one for one in REFUSED if one.status == 426], ids=str)
def test_426_says_what_is_spoken_here(subject: Subject, handshake: Handshake) -> None:
    with shake(subject, handshake) as line:
        head = line.read_head()
        assert "\r\nSec-WebSocket-Version: 13" in head  # RFC 6455 4.4
        assert "\r\nUpgrade: websocket" in head  # RFC 9110 15.5.22


def test_a_method_that_is_not_taken_is_told_which_is(subject: Subject) -> None:
    head_request = next(one for one in REFUSED if one.line.startswith("HEAD"))
    with shake(subject, head_request) as line:
        assert "\r\nAllow: GET" in line.read_head()


def test_who_was_refused_may_ask_again_on_the_same_connection(subject: Subject) -> None:
    with shake(subject, asked("", 426, "Sec-WebSocket-Version", "14")) as line:
        head = line.read_head()
        line.read_body(head)
        line.write(PLAIN.spell(subject.path, subject.headers) + subject.hello)
        assert status_of(line.read_head()) == 101
        assert subject.hear(line)[0] == Welcomed()


def test_frames_in_the_packet_of_the_handshake_are_heard(subject: Subject) -> None:
    with shake(subject, PLAIN, ping(b"early") + close(1001)) as line:
        assert status_of(line.read_head()) == 101
        assert [subject.hear(line)[0], subject.hear(line)[0]] == [Ponged(b"early"), Closed(1001)]


def test_more_than_fits_a_buffer_may_come_with_the_handshake(subject: Subject) -> None:
    long = message_of(200_000)
    with shake(subject, PLAIN, subject.hello + text(long) + ping(b"last")) as line:
        assert status_of(line.read_head()) == 101
        heard = [subject.hear(line)[0] for _ in range(3)]
        assert heard == [Welcomed(), taken(long), Ponged(b"last")]
