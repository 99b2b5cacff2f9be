"""Client frames spelled octet by octet, right and wrong ones. Nothing of the server's own framing is used here."""

import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

MASK = bytes.fromhex("37fa213d")  # the one in the examples of RFC 6455 5.7
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678"  # 61: in step with no buffer


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    claims: int | None = None,
    bits: int | None = None,
) -> bytes:
    """One frame. `claims`: another length than the payload's; `bits`: the length in 7, 16 or 64 of them, however
    short it is."""
    length = len(payload) if claims is None else claims
    head = bytes((final << 7 | reserved << 4 | opcode,))
    return head + _length(length, bits, mask is not None) + (mask or b"") + _masked(payload, mask)


def _length(length: int, bits: int | None, masked: bool) -> bytes:
    bit = masked << 7
    if bits == 7 or (bits is None and length < 126):
        return bytes((bit | length,))
    if bits == 16 or (bits is None and length < 1 << 16):
        return struct.pack("!BH", bit | 126, length)
    return struct.pack("!BQ", bit | 127, length)


def _masked(payload: bytes, mask: bytes | None) -> bytes:
    size = len(payload)
    if mask is None or not size:
        return payload
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def text(payload: bytes) -> bytes:
    return frame(TEXT, payload)


def fragments(*payloads: bytes, opcode: int = TEXT) -> list[bytes]:
    """One message in as many frames as there are payloads."""
    last = len(payloads) - 1
    return [
        frame(CONTINUATION if number else opcode, payload, final=number == last)
        for number, payload in enumerate(payloads)
    ]


def ping(payload: bytes = b"") -> bytes:
    return frame(PING, payload)


def close(code: int | None = 1000, reason: bytes = b"") -> bytes:
    """A close frame; without a code it is empty."""
    return frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason)


def message(word: str, number: int = 1) -> bytes:
    """A message that every server here gives back: the peers as it is, Maru by naming the type it does not know."""
    return b'{"type":"%b","id":%d}' % (word.encode(), number)


def message_of(size: int, number: int = 1) -> bytes:
    """The same with exactly `size` bytes."""
    room = size - len(message("", number))
    return message((_LETTERS * (room // len(_LETTERS) + 1))[:room].decode(), number)


def cut(raw: bytes, size: int = 1) -> tuple[bytes, ...]:
    """In pieces of `size` octets."""
    return tuple(raw[start : start + size] for start in range(0, len(raw), size))
