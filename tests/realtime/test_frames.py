"""RFC 6455 framing, case by case; chunking, fuzz, and the two paths through the parser against each other."""

import itertools
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.utils import apply_mask

from app.realtime.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameError,
    FrameParser,
    Message,
    close_frame,
    parse_close,
    pong_frame,
    text_frame,
)

LIMIT = 256 * 1024
MASK = b"\x37\xfa\x21\x3d"


def frame(
    payload: bytes = b"",
    opcode: int = TEXT,
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    length_bits: int | None = None,
) -> bytes:
    """Return a client's frame, as right or as wrong as asked."""
    length = len(payload)
    bits = length_bits or (7 if length < 126 else 16 if length < 65536 else 64)
    short, rest = {
        7: (length, b""),
        16: (126, struct.pack("!H", length & 0xFFFF)),
        64: (127, struct.pack("!Q", length)),
    }[bits]
    head = bytes((final << 7 | reserved << 4 | opcode, (mask is not None) << 7 | short)) + rest
    return head + payload if mask is None else head + mask + apply_mask(payload, mask)


def feed(chunk: bytes, limit: int = LIMIT) -> list[Message]:
    return FrameParser(limit).feed(chunk)


def refusal(chunk: bytes, limit: int = LIMIT) -> int:
    """Return the close code with which ``chunk`` is refused."""
    with pytest.raises(FrameError) as raised:
        feed(chunk, limit)
    assert raised.value.reason
    return raised.value.close_code


# What is taken


@pytest.mark.parametrize("length", [0, 1, 5, 124, 125, 126, 127, 128, 255, 256, 65535, 65536, 65537, LIMIT])
def test_a_text_of_any_length_is_taken(length: int) -> None:
    text = (b"maru" * (length // 4 + 1))[:length]
    assert feed(frame(text)) == [(TEXT, text)]


def test_the_masked_example_of_the_rfc_is_taken() -> None:
    assert feed(bytes.fromhex("818537fa213d7f9f4d5158")) == [(TEXT, b"Hello")]


@pytest.mark.parametrize("bits", [16, 64])
def test_a_length_may_be_written_longer_than_needed(bits: int) -> None:
    assert feed(frame(b"short", length_bits=bits)) == [(TEXT, b"short")]


def test_the_text_stays_utf8_bytes() -> None:
    assert feed(frame("마루 ⛩ 𝄞".encode())) == [(TEXT, "마루 ⛩ 𝄞".encode())]


def test_many_frames_in_one_chunk_come_in_order() -> None:
    texts = [b"%d" % n for n in range(100)]
    assert feed(b"".join(map(frame, texts))) == [(TEXT, text) for text in texts]


def test_fragments_are_joined_and_control_frames_may_stand_between() -> None:
    chunk = (
        frame(b"one ", final=False)
        + frame(b"beat", PING)
        + frame(b"two ", 0, final=False)
        + frame(b"", PONG)
        + frame(b"three", 0)
        + frame(b"next")
    )
    assert feed(chunk) == [(PING, b"beat"), (PONG, b""), (TEXT, b"one two three"), (TEXT, b"next")]


def test_a_character_may_be_split_between_fragments() -> None:
    half, other = "루".encode()[:1], "루".encode()[1:]
    assert feed(frame(half, final=False) + frame(other, 0)) == [(TEXT, "루".encode())]


def test_empty_fragments_are_allowed() -> None:
    chunk = frame(b"", final=False) + frame(b"", 0, final=False) + frame(b"", 0)
    assert feed(chunk) == [(TEXT, b"")]


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
def test_a_control_frame_of_125_bytes_is_taken(opcode: int) -> None:
    assert feed(frame(b"c" * 125, opcode)) == [(opcode, b"c" * 125)]


def test_a_control_frame_is_not_counted_against_the_limit_of_messages() -> None:
    chunk = frame(b"12345678", final=False) + frame(b"c" * 125, PING) + frame(b"90", 0)
    assert feed(chunk, limit=10) == [(PING, b"c" * 125), (TEXT, b"1234567890")]


def test_nothing_is_taken_after_a_close_frame() -> None:
    parser = FrameParser(LIMIT)
    assert parser.feed(frame(b"", CLOSE) + frame(b"late") + frame(b"", 5)) == [(CLOSE, b"")]
    assert parser.feed(frame(b"later")) == []


# What is refused


@pytest.mark.parametrize("opcode", [0, TEXT, BINARY, CLOSE, PING, PONG])
def test_an_unmasked_frame_is_1002_by_its_first_two_bytes(opcode: int) -> None:
    assert refusal(frame(b"x" * 125, opcode, mask=None)[:2]) == 1002


@pytest.mark.parametrize("reserved", [1, 2, 4, 7])
@pytest.mark.parametrize("opcode", [TEXT, PING])
def test_a_reserved_bit_is_1002(reserved: int, opcode: int) -> None:
    assert refusal(frame(b"x", opcode, reserved=reserved)) == 1002


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_a_reserved_opcode_is_1002(opcode: int) -> None:
    assert refusal(frame(b"x", opcode)) == 1002


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
def test_a_fragmented_control_frame_is_1002(opcode: int) -> None:
    assert refusal(frame(b"x", opcode, final=False)) == 1002


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
@pytest.mark.parametrize("length", [126, 65536])
def test_a_long_control_frame_is_1002_before_its_payload_is_there(opcode: int, length: int) -> None:
    assert refusal(frame(b"x" * length, opcode)[:2]) == 1002


@pytest.mark.parametrize("final", [True, False])
def test_a_continuation_of_nothing_is_1002(final: bool) -> None:
    assert refusal(frame(b"x", 0, final=final)) == 1002
    assert refusal(frame(b"whole") + frame(b"x", 0, final=final)) == 1002


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("final", [True, False])
def test_a_message_inside_a_message_is_1002(opcode: int, final: bool) -> None:
    assert refusal(frame(b"one", final=False) + frame(b"two", opcode, final=final)) == 1002


def test_a_length_with_its_highest_bit_set_is_1002() -> None:
    assert refusal(b"\x81\xff" + (1 << 63).to_bytes(8, "big")) == 1002
    assert refusal(b"\x81\xff" + b"\xff" * 8 + MASK + b"text") == 1002


@pytest.mark.parametrize("final", [True, False])
def test_binary_is_1003(final: bool) -> None:
    assert refusal(frame(b"x", BINARY, final=final)) == 1003


BAD_UTF8 = [
    b"\xff",
    b"ab\x80",
    b"\xc0\xaf",  # overlong
    b"\xed\xa0\x80",  # a surrogate
    b"\xf4\x90\x80\x80",  # beyond U+10FFFF
    "루".encode()[:2],  # cut off
]


@pytest.mark.parametrize("text", BAD_UTF8)
@pytest.mark.parametrize("padding", [b"", b"p" * 200])
def test_text_that_is_not_utf8_is_1007(text: bytes, padding: bytes) -> None:
    assert refusal(frame(padding + text)) == 1007
    assert refusal(frame(padding, final=False) + frame(text, 0)) == 1007


@pytest.mark.parametrize("limit", [0, 4, 125, 126, 4096, 65535, 65536, LIMIT])
def test_a_message_over_the_limit_is_1009_by_its_header_alone(limit: int) -> None:
    whole = frame(b"x" * (limit + 1))
    header = len(whole) - limit - 1
    assert refusal(whole[:header], limit) == 1009
    assert refusal(whole, limit) == 1009
    assert feed(frame(b"x" * limit), limit) == [(TEXT, b"x" * limit)]


def test_the_sum_of_fragments_counts_against_the_limit() -> None:
    assert refusal(frame(b"12345", final=False) + frame(b"123456", 0)[:6], limit=10) == 1009
    assert feed(frame(b"12345", final=False) + frame(b"12345", 0), limit=10) == [(TEXT, b"1234512345")]


def test_messages_before_a_bad_frame_are_kept_in_the_error() -> None:
    with pytest.raises(FrameError) as raised:
        feed(frame(b"one") + frame(b"two", PING) + frame(b"x", 7) + frame(b"never"))
    assert raised.value.messages == [(TEXT, b"one"), (PING, b"two")]


def test_nothing_is_taken_after_a_bad_frame() -> None:
    parser = FrameParser(LIMIT)
    with pytest.raises(FrameError):
        parser.feed(frame(b"x", 7))
    assert parser.feed(frame(b"late")) == []


# The limit may change between feeds


def test_a_raised_limit_holds_from_the_next_feed() -> None:
    parser = FrameParser(10)
    assert parser.feed(frame(b"hello")) == [(TEXT, b"hello")]
    parser.limit = 100
    assert parser.feed(frame(b"x" * 100)) == [(TEXT, b"x" * 100)]


@pytest.mark.parametrize("cut", [1, 2, 5, 6, 50, 105, 106])
def test_a_long_frame_right_behind_the_one_that_raises_the_limit_is_taken(cut: int) -> None:
    parser, long = FrameParser(10), frame(b"x" * 100)
    messages = parser.feed(frame(b"hello") + long[:cut])
    parser.limit = 100
    messages += parser.feed(long[cut:])
    assert messages == [(TEXT, b"hello"), (TEXT, b"x" * 100)]


@pytest.mark.parametrize("cut", [2, 5, 6, 50])
def test_a_long_frame_behind_another_is_refused_at_the_next_feed_if_the_limit_stays(cut: int) -> None:
    parser, long = FrameParser(10), frame(b"x" * 100)
    assert parser.feed(frame(b"hello") + long[:cut]) == [(TEXT, b"hello")]
    with pytest.raises(FrameError, match="1009"):
        parser.feed(long[cut : cut + 1])


# Memory


def test_an_idle_parser_holds_nothing() -> None:
    parser = FrameParser(LIMIT)
    whole = frame(b"x" * 5000, final=False) + frame(b"y" * 5000, 0)
    for position in range(len(whole)):
        parser.feed(whole[position : position + 1])
    assert (parser._held, parser._fragments, parser._needed) == (b"", None, 0)
    assert not hasattr(parser, "__dict__")


def test_a_flood_of_empty_fragments_does_not_grow() -> None:
    parser = FrameParser(LIMIT)
    parser.feed(frame(b"", final=False))
    for _ in range(1000):
        assert parser.feed(frame(b"", 0, final=False) * 100) == []
    assert parser._fragments == bytearray()
    assert parser._held == b""


def test_a_refused_message_leaves_nothing_behind() -> None:
    parser = FrameParser(100)
    parser.feed(frame(b"x" * 60, final=False))
    with pytest.raises(FrameError):
        parser.feed(frame(b"x" * 60, 0))
    assert (parser._held, parser._fragments) == (b"", None)


# Any bytes, in any chunks


def parse_in_chunks(stream: bytes, cuts: list[int], limit: int = LIMIT) -> tuple[list[Message], int | None]:
    """Return everything taken from ``stream`` delivered in pieces, and the close code of a refusal."""
    parser, messages = FrameParser(limit), []
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for start, stop in itertools.pairwise(edges):
        try:
            messages += parser.feed(stream[start:stop])
        except FrameError as error:
            return messages + error.messages, error.close_code
    return messages, None


texts = st.one_of(
    st.text(max_size=40).map(str.encode),
    st.sampled_from([b"x" * n for n in (124, 125, 126, 127, 128, 300, 65535, 65536)]),
)
masks = st.binary(min_size=4, max_size=4)


@st.composite
def messages_on_the_wire(draw: st.DrawFn) -> tuple[bytes, list[Message]]:
    """A stream of right frames, fragmented at will with pings between, and the messages it says."""
    stream, said = b"", []
    for _ in range(draw(st.integers(1, 6))):
        text = draw(texts)
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
        parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            stream += frame(part, 0 if index else TEXT, final=last, mask=draw(masks))
            if not last and draw(st.booleans()):
                stream += frame(b"p", PING, mask=draw(masks))
                said.append((PING, b"p"))
        said.append((TEXT, text))
    return stream, said


@given(messages_on_the_wire(), st.lists(st.integers(0, 1 << 20), max_size=12))
def test_chunks_of_any_size_say_the_same_as_the_whole(
    wire: tuple[bytes, list[Message]], cuts: list[int]
) -> None:
    stream, said = wire
    assert feed(stream) == said
    assert parse_in_chunks(stream, cuts) == (said, None)


@given(
    st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8), st.sampled_from([0, 10, 200, LIMIT])
)
def test_any_bytes_are_taken_or_refused_and_chunks_do_not_matter(
    stream: bytes, cuts: list[int], limit: int
) -> None:
    byte_by_byte = parse_in_chunks(stream, list(range(len(stream))), limit)
    messages, code = parse_in_chunks(stream, cuts, limit)
    assert code in (None, 1002, 1003, 1007, 1009)
    if len(messages) == len(byte_by_byte[0]) and code == byte_by_byte[1]:
        assert messages == byte_by_byte[0]
    else:  # only a limit may be judged later behind other messages of a chunk
        assert byte_by_byte[1] == 1009


frames_nearly_right = st.builds(
    frame,
    st.one_of(texts, st.binary(max_size=20)),
    st.sampled_from([0, TEXT, TEXT, TEXT, BINARY, CLOSE, PING, PONG, 3, 11]),
    final=st.booleans(),
    reserved=st.sampled_from([0, 0, 0, 0, 1]),
    mask=st.one_of(masks, masks, masks, st.none()),
    length_bits=st.sampled_from([None, None, 64]),
)


@given(st.lists(frames_nearly_right, max_size=8), st.lists(st.integers(0, 1 << 18), max_size=8))
def test_frames_nearly_right_never_raise_anything_else(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frames)
    whole = parse_in_chunks(stream, [])
    assert parse_in_chunks(stream, cuts) == whole


class SlowParser(FrameParser):
    """The same parser without its fast path: every frame goes through the header's rules."""

    def feed(self, chunk: bytes) -> list[Message]:
        messages: list[Message] = []
        joined = self._with_held(chunk) if self._held or self._ended else chunk
        position = 0
        try:
            while joined is not None and len(joined) - position >= 2:
                after = self._take_frame(joined, position, messages)
                if after is None:
                    break
                position = after
        except FrameError as error:
            self._end()
            error.messages = messages
            raise
        if joined is not None and not self._ended and position < len(joined):
            self._held = bytearray(joined[position:])
        return messages


@given(st.lists(frames_nearly_right, max_size=8), st.sampled_from([0, 126, 127, 128, 1000, LIMIT]))
def test_the_fast_path_and_the_slow_one_agree(frames: list[bytes], limit: int) -> None:
    said = []
    for parser in (FrameParser(limit), SlowParser(limit)):
        try:
            said.append((parser.feed(b"".join(frames)), None))
        except FrameError as error:
            said.append((error.messages, (error.close_code, error.reason)))
    assert said[0] == said[1]


def test_a_large_frame_byte_by_byte_is_not_copied_again_and_again() -> None:
    parser, whole = FrameParser(LIMIT), frame(random.Random(6455).randbytes(60_000).hex().encode())
    looked_at = 0

    class Counting(FrameParser):
        __slots__ = ()

        def _take_frame(self, chunk: bytes, position: int, messages: list[Message]) -> int | None:
            nonlocal looked_at
            looked_at += 1
            return super()._take_frame(chunk, position, messages)

    parser = Counting(LIMIT)
    messages = []
    for position in range(len(whole)):
        messages += parser.feed(whole[position : position + 1])
    assert len(messages) == 1
    assert looked_at <= 14  # once for each byte of a header


# What the server says


def unframe(built: bytes) -> tuple[int, bytes]:
    """Read a server's frame by the RFC, independently of the code under test."""
    assert not built[1] & 0x80, "a server does not mask"
    length, start = built[1], 2
    if length == 126:
        length, start = struct.unpack("!H", built[2:4])[0], 4
        assert length > 125, "lengths are written as short as can be"
    elif length == 127:
        length, start = struct.unpack("!Q", built[2:10])[0], 10
        assert length > 65535, "lengths are written as short as can be"
    assert len(built) == start + length
    return built[0], built[start:]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 300_000])
def test_a_text_frame_of_any_length_is_whole_and_unmasked(length: int) -> None:
    assert unframe(text_frame(b"x" * length)) == (0x81, b"x" * length)


def test_the_unmasked_example_of_the_rfc_is_built() -> None:
    assert text_frame(b"Hello") == bytes.fromhex("810548656c6c6f")


def test_a_pong_echoes_its_ping() -> None:
    assert unframe(pong_frame(b"beat")) == (0x8A, b"beat")


def test_a_control_frame_that_would_be_too_long_is_never_built() -> None:
    with pytest.raises(ValueError, match="125"):
        pong_frame(b"x" * 126)


def test_a_close_frame_says_code_and_reason() -> None:
    assert unframe(close_frame(4008, "slow")) == (0x88, b"\x0f\xa8slow")
    assert parse_close(unframe(close_frame(4008, "느림"))[1]) == (4008, "느림")


def test_a_long_reason_is_cut_between_characters() -> None:
    first, payload = unframe(close_frame(1002, "마" * 100))
    assert (first, len(payload)) == (0x88, 2 + 41 * 3)
    assert parse_close(payload) == (1002, "마" * 41)


def test_a_close_without_code_is_empty_both_ways() -> None:
    assert parse_close(b"") == (1005, "")
    assert unframe(close_frame(1005)) == (0x88, b"")


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1014, 3000, 3999, 4000, 4999]
)
def test_codes_that_may_be_sent_are_taken(code: int) -> None:
    assert parse_close(struct.pack("!H", code) + b"why") == (code, "why")


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_codes_that_may_not_be_sent_are_1002(code: int) -> None:
    with pytest.raises(FrameError) as raised:
        parse_close(struct.pack("!H", code))
    assert raised.value.close_code == 1002


def test_half_a_close_code_is_1002() -> None:
    with pytest.raises(FrameError) as raised:
        parse_close(b"\x03")
    assert raised.value.close_code == 1002


@pytest.mark.parametrize("reason", BAD_UTF8)
def test_a_close_reason_that_is_not_utf8_is_1007(reason: bytes) -> None:
    with pytest.raises(FrameError) as raised:
        parse_close(b"\x03\xe8" + reason)
    assert raised.value.close_code == 1007


@given(st.binary(max_size=125))
def test_any_close_payload_is_read_or_refused(payload: bytes) -> None:
    try:
        code, reason = parse_close(payload)
    except FrameError as refused:
        said = refused.close_code
    else:
        said = 0
        assert unframe(close_frame(code, reason))[1] == payload
    assert said in (0, 1002, 1007)
