"""How Maru itself ends a connection: a word of goodbye, the close frame, then the end of the TCP connection."""

import json

import pytest

from tests.conformance.conversation import open_line
from tests.conformance.line import Line
from tests.conformance.octets import BINARY, CLOSE, close, frame, ping, text
from tests.conformance.subjects import Subject

BREACHES = {
    "a text without a mask": (frame(1, b"{}", mask=None), 1002, "protocol_error"),
    "a binary message": (frame(BINARY, b"\0"), 1003, "binary"),
    "a text that is not UTF-8": (text(b"\xff"), 1007, "bad_utf8"),
    "a second hello": (text(b'{"type":"hello"}'), 1008, "policy"),
    "a message that is too big": (frame(1, claims=1 << 20), 1009, "too_big"),
}


def hear_to_the_close_frame(line: Line) -> list[tuple[int, bytes]]:
    """Opcode and payload of all there is to hear, the close frame last."""
    heard = []
    while (one := line.read_frame()) is not None:
        heard.append((one.opcode, one.payload))
        if one.opcode == CLOSE:
            return heard
    raise AssertionError("it ended without a close frame")


@pytest.mark.parametrize("breach", BREACHES)
def test_maru_says_why_then_closes_and_ends_without_waiting_for_the_answer(
    subject: Subject, breach: str
) -> None:
    raw, code, name = BREACHES[breach]
    with open_line(subject) as line:
        line.write(raw)
        *_, (_, bye), (_, closed) = hear_to_the_close_frame(line)
        assert json.loads(bye) == {"type": "bye", "code": name, "after_ms": 0}
        assert closed == code.to_bytes(2, "big") + name.encode()
        line.read_end()
        assert not line.was_reset


def test_a_close_frame_is_answered_without_a_word(subject: Subject) -> None:
    with open_line(subject) as line:
        line.write(close(3000, b"until tomorrow"))
        heard = hear_to_the_close_frame(line)
        assert heard[-1] == (CLOSE, (3000).to_bytes(2, "big"))
        assert [payload for _, payload in heard if b'"bye"' in payload] == []


def test_who_goes_on_writing_after_the_close_frame_is_heard_out_and_not_reset(subject: Subject) -> None:
    """A reset could destroy the close frame before the other side has read it (RFC 6455 7.1.1)."""
    with open_line(subject) as line:
        line.write_packets((frame(BINARY, b"\0"), *([ping(bytes(125)) * 100] * 20), close(1003)))
        hear_to_the_close_frame(line)
        line.read_end()
        assert not line.was_reset
