"""WebSocket framing for the server's side (RFC 6455), pure: bytes in, messages out. No I/O here.

Written by hand because it is on the hot path: a maintained sans-I/O parser takes 5 microseconds a frame,
this half a one. Unmasking is left to ``websockets.speedups``.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple, NoReturn

try:
    from websockets.speedups import apply_mask
except ImportError:  # no compiled wheel for this platform: the same function in Python, some ten times slower
    from websockets.utils import apply_mask

CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

PROTOCOL_ERROR: Final = 1002
UNSUPPORTED: Final = 1003
NO_STATUS: Final = 1005  # never on the wire: stands for a close frame without a code (RFC 6455 7.1.5)
BAD_UTF8: Final = 1007
TOO_BIG: Final = 1009

CONTROL_BYTES: Final = 125  # the largest payload of a control frame (5.5)

_OPCODES: Final = frozenset((CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG))
_WHOLE_TEXT: Final = 0x81  # FIN, no RSV, opcode TEXT
_MASKED: Final = 0x80
_LENGTH_IN_16_BITS: Final = 126
_LENGTH_IN_64_BITS: Final = 127
_HEADER_16: Final = Struct("!BBH").pack
_HEADER_64: Final = Struct("!BBQ").pack
_SHORT_TEXT_HEADERS: Final = tuple(bytes((_WHOLE_TEXT, length)) for length in range(_LENGTH_IN_16_BITS))

Message = tuple[int, bytes]
"""(opcode, payload). TEXT payloads are well-formed UTF-8; fragments are joined."""


class FrameError(Exception):
    """The peer broke the framing. Answer with ``close_code``, after the ``messages`` that came before."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(close_code, reason)
        self.close_code = close_code
        self.reason = reason
        self.messages: list[Message] = []


class _Header(NamedTuple):
    """One frame's header: where its payload starts and stops in the bytes at hand."""

    final: bool
    opcode: int
    mask: bytes
    start: int
    stop: int


class FrameParser:
    """Turns what a client's socket delivers into messages; remembers nothing but what is unfinished.

    ``limit`` is the largest message in bytes, over all its fragments. It may be changed between feeds.
    """

    __slots__ = ("_ended", "_fragments", "_held", "_needed", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: bytes | bytearray = b""  # an unfinished frame
        self._needed = 0  # bytes that `_held` must reach before it is worth looking at again
        self._fragments: bytearray | None = None  # an unfinished message; joined: empty ones cost nothing
        self._ended = False

    def feed(self, chunk: bytes) -> list[Message]:
        """Return the messages and control frames that ``chunk`` completes.

        Raises FrameError, which carries the messages before the bad frame. After that, and after a close
        frame, everything is ignored (RFC 6455 1.4, 7.1.7).

        A frame over the limit behind other messages of the same chunk is returned if it is here whole, and
        judged at the next feed otherwise: one of those messages may be the one that raises the limit.
        """
        messages: list[Message] = []
        if self._held or self._ended:
            joined = self._with_held(chunk)
            if joined is None:
                return messages
            chunk = joined
        position, end = 0, len(chunk)
        try:
            while end - position >= 2:
                # The fast path: a whole, unfragmented text under 64 KiB. The slow one would say the same.
                length = chunk[position + 1] - _MASKED
                start = position + 6
                if length == _LENGTH_IN_16_BITS and start <= end:
                    length = chunk[position + 2] << 8 | chunk[position + 3]
                    start += 2
                stop = start + length
                if (
                    chunk[position] == _WHOLE_TEXT
                    and 0 <= length <= self.limit
                    and length != _LENGTH_IN_64_BITS
                    and stop <= end
                    and self._fragments is None
                ):
                    payload = apply_mask(chunk[start:stop], chunk[start - 4 : start])
                    if not payload.isascii():
                        _require_utf8(payload)
                    messages.append((TEXT, payload))
                    position = stop
                    continue
                after = self._take_frame(chunk, position, messages)
                if after is None:
                    break
                position = after
        except FrameError as error:
            self._end()
            error.messages = messages
            raise
        if position < end and not self._ended:
            self._held = bytearray(chunk[position:] if position else chunk)
        return messages

    def _with_held(self, chunk: bytes) -> bytes | None:
        """Return what was held and ``chunk`` together, or None while that cannot complete anything.

        Appends in place: a frame that arrives byte by byte is copied once, not once a byte.
        """
        if self._ended:
            return None
        assert isinstance(self._held, bytearray)
        self._held += chunk
        if len(self._held) < self._needed:
            return None
        joined = bytes(self._held)
        self._held = b""
        self._needed = 0
        return joined

    def _end(self) -> None:
        """Let go of everything, and take nothing more."""
        self._ended = True
        self._held = b""
        self._fragments = None

    def _take_frame(self, chunk: bytes, position: int, messages: list[Message]) -> int | None:
        """Take the frame at ``position`` and return where it stops; None if more bytes are needed."""
        header = self._header(chunk, position)
        if header is None:
            return None
        start, stop = header.start, header.stop
        whole = stop <= len(chunk)
        if header.opcode < CLOSE and self._size_with(stop - start) > self.limit:
            if not messages:
                _refuse(TOO_BIG, f"more than {self.limit} bytes")
            if not whole:
                return None  # `_needed` stays 0: judged again at the next feed
        if not whole:
            self._needed = stop - position
            return None
        self._take_payload(header, apply_mask(chunk[start:stop], header.mask), messages)
        return len(chunk) if self._ended else stop

    def _header(self, chunk: bytes, position: int) -> _Header | None:
        """Read and check the header at ``position`` (RFC 6455 5.2); None if it is not whole.

        Its first two bytes are there. Each rule is checked as soon as its bytes are.
        """
        first, second = chunk[position], chunk[position + 1]
        final, opcode = first >= 0x80, first & 0x0F
        self._check_kind(first, second, final, opcode)
        length, start = second & 0x7F, position + 2
        if length >= _LENGTH_IN_16_BITS:
            start += 2 if length == _LENGTH_IN_16_BITS else 8
            if start > len(chunk):
                return None
            length = int.from_bytes(chunk[position + 2 : start], "big")
            if length >> 63:
                _refuse(PROTOCOL_ERROR, "length with its highest bit set")
        start += 4
        return _Header(final, opcode, chunk[start - 4 : start], start, start + length)

    def _check_kind(self, first: int, second: int, final: bool, opcode: int) -> None:
        """Check everything that the first two bytes of a frame say."""
        if first & 0x70:
            _refuse(PROTOCOL_ERROR, "reserved bits set, no extension agreed")
        if opcode not in _OPCODES:
            _refuse(PROTOCOL_ERROR, f"reserved opcode {opcode}")
        if not second & _MASKED:
            _refuse(PROTOCOL_ERROR, "client frame without a mask")
        if opcode >= CLOSE:
            if not final:
                _refuse(PROTOCOL_ERROR, "fragmented control frame")
            if second & 0x7F > CONTROL_BYTES:
                _refuse(PROTOCOL_ERROR, "control frame longer than 125 bytes")
        elif (opcode == CONTINUATION) is (self._fragments is None):
            _refuse(PROTOCOL_ERROR, "message started inside a message" if opcode else "nothing to continue")
        elif opcode == BINARY:
            _refuse(UNSUPPORTED, "binary is not spoken here")

    def _size_with(self, length: int) -> int:
        """Return the size in bytes of the message in the making with a frame of ``length`` more."""
        return length if self._fragments is None else len(self._fragments) + length

    def _take_payload(self, header: _Header, payload: bytes, messages: list[Message]) -> None:
        """Hand over a whole frame's payload, or keep it as a fragment."""
        if header.opcode >= CLOSE:
            messages.append((header.opcode, payload))
            if header.opcode == CLOSE:
                self._end()
            return
        if self._fragments is not None:
            self._fragments += payload
        elif not header.final:
            self._fragments = bytearray(payload)
        if not header.final:
            return
        if self._fragments is not None:
            payload = bytes(self._fragments)
            self._fragments = None
        _require_utf8(payload)
        messages.append((TEXT, payload))


def text_frame(payload: bytes) -> bytes:
    """Return the server's frame of a whole text message; ``payload`` is UTF-8."""
    length = len(payload)
    if length < _LENGTH_IN_16_BITS:
        return _SHORT_TEXT_HEADERS[length] + payload
    if length < 0x10000:
        return _HEADER_16(_WHOLE_TEXT, _LENGTH_IN_16_BITS, length) + payload
    return _HEADER_64(_WHOLE_TEXT, _LENGTH_IN_64_BITS, length) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """Return a close frame. ``reason`` is cut to what a control frame holds; code 1005 makes it empty."""
    if code == NO_STATUS:
        return _control_frame(CLOSE, b"")
    words = reason.encode()[: CONTROL_BYTES - 2].decode(errors="ignore").encode()
    return _control_frame(CLOSE, code.to_bytes(2, "big") + words)


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping with ``payload``."""
    return _control_frame(PONG, payload)


def parse_close(payload: bytes) -> tuple[int, str]:
    """Return the code and reason of a close frame's payload; (1005, "") when it is empty.

    Raises FrameError 1002 for half a code or one that must not be sent (RFC 6455 7.4), 1007 for a bad reason.
    """
    if not payload:
        return NO_STATUS, ""
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not _may_be_sent(code):
        _refuse(PROTOCOL_ERROR, "close frame without a valid code")
    _require_utf8(payload[2:])
    return code, payload[2:].decode()


def _may_be_sent(code: int) -> bool:
    """Tell whether a close code may stand on the wire (RFC 6455 7.4.1, 7.4.2 and the IANA registry)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _control_frame(opcode: int, payload: bytes) -> bytes:
    if len(payload) > CONTROL_BYTES:
        raise ValueError("a control frame holds at most 125 bytes")
    return bytes((0x80 | opcode, len(payload))) + payload


def _require_utf8(payload: bytes) -> None:
    """Raise FrameError 1007 unless ``payload`` is UTF-8 (RFC 3629: no surrogates, no overlong forms)."""
    try:
        payload.decode()
    except UnicodeDecodeError as error:
        raise FrameError(BAD_UTF8, "text that is not UTF-8") from error


def _refuse(close_code: int, reason: str) -> NoReturn:
    raise FrameError(close_code, reason)
