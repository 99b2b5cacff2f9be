"""1: lengths, masks, and frames that arrive in pieces (RFC 6455 5.2, 5.3)."""

from tests.conformance.case import Case, Closed, Ponged, Taken, taken
from tests.conformance.octets import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    close,
    cut,
    frame,
    message,
    message_of,
    ping,
    text,
)

BINARY_IS_NOT_SPOKEN = (
    "Maru's frames are JSON texts: 1003 is the code for data of a kind one does not take (7.4.1)."
)
HIGHEST_BIT = (
    "5.2 forbids the bit, so this is no long message but a broken frame; the peers see its size first."
)

LENGTHS = (125, 126, 127, 128, 65535, 65536)

TEXTS = [
    Case("1.1.1", "a text of no bytes is taken", (text(b""),), (Taken(None, None),)),
    *(
        Case(f"1.1.{number}", f"a text of {length} bytes is taken", (text(sent),), (taken(sent),))
        for number, length in enumerate(LENGTHS, 2)
        for sent in [message_of(length)]
    ),
    *(
        Case(
            "1.1.8",
            f"a text of 65536 bytes in packets of {size} is taken",
            cut(text(sent), size),
            (taken(sent),),
        )
        for sent in [message_of(65536)]
        for size in (997, 4096)
    ),
]

OCTETS = [
    Case("1.1.1", "a text of no bytes, octet by octet, is taken", cut(text(b"")), (Taken(None, None),)),
    *(
        Case("1.1", f"a text of {length} bytes, octet by octet, is taken", cut(text(sent)), (taken(sent),))
        for length in (125, 126, 128)
        for sent in [message_of(length)]
    ),
    *(
        Case("1.1", f"a text whose first packet ends {place} is taken", (raw[:at], raw[at:]), (taken(sent),))
        for sent in [message_of(300)]
        for raw in [text(sent)]
        for at, place in (
            (1, "after one octet"),
            (2, "before its length"),
            (3, "within its length"),
            (4, "before its mask"),
            (6, "within its mask"),
            (8, "before its payload"),
            (len(raw) - 1, "one octet too early"),
        )
    ),
    Case(
        "1.1",
        "two texts of which the first packet holds one and a half are taken",
        (text(message("one", 1)) + text(message("two", 2))[:9], text(message("two", 2))[9:]),
        (Taken(1, "one"), Taken(2, "two")),
    ),
    Case(
        "1.1",
        "a hundred texts in one packet are taken in order",
        (b"".join(text(message("many", number)) for number in range(100)),),
        tuple(Taken(number, "many") for number in range(100)),
    ),
]

LONG_LENGTHS = [
    Case(
        "1.1",
        f"a length of {length} in {bits} bits is taken, though it is longer than need be",
        (frame(TEXT, sent, bits=bits),),
        (taken(sent),),
    )
    for length, bits in ((100, 16), (100, 64), (300, 64))
    for sent in [message_of(length)]
] + [
    Case(
        "1.1",
        f"a length with its highest bit set {also} is a broken frame",
        (frame(TEXT, bits=64, claims=length),),
        (Closed(1002),),
        differs=HIGHEST_BIT,
    )
    for length, also in ((1 << 63, "and no other"), ((1 << 64) - 1, "and all others"))
]

BINARIES = [
    Case(
        f"1.2.{number}",
        f"a binary message of {length} bytes is not taken",
        (frame(BINARY, bytes(length)),),
        (Closed(1003),),
        differs=BINARY_IS_NOT_SPOKEN,
    )
    for number, length in enumerate((0, *LENGTHS), 1)
] + [
    Case(
        "1.2.8",
        "a binary message of 65536 bytes in packets of 997 is not taken",
        cut(frame(BINARY, bytes(65536)), 997),
        (Closed(1003),),
        differs=BINARY_IS_NOT_SPOKEN,
    ),
    Case(
        "1.2",
        "a binary message after a text is not taken, the text is",
        (text(message("before")) + frame(BINARY, b"\0"),),
        (Taken(1, "before"), Closed(1003)),
        differs=BINARY_IS_NOT_SPOKEN,
    ),
]

MASKS = [
    Case(
        "1.3",
        f"a mask of {mask.hex()} is taken off",
        (frame(TEXT, sent, mask=mask),),
        (taken(sent),),
    )
    for sent in [message_of(129)]
    for mask in (bytes(4), b"\xff" * 4, b"\0\0\0\1", b"\x80\0\0\0")
] + [
    Case(
        "1.3",
        "each frame has its own mask",
        (frame(TEXT, message("one", 1), mask=b"abcd") + frame(TEXT, message("two", 2), mask=b"efgh"),),
        (Taken(1, "one"), Taken(2, "two")),
    ),
    Case("1.3", "a text without a mask is refused (5.1)", (frame(TEXT, b"{}", mask=None),), (Closed(1002),)),
    Case("1.3", "an empty text without a mask is refused", (frame(TEXT, mask=None),), (Closed(1002),)),
    Case("1.3", "a ping without a mask is refused", (frame(PING, b"x", mask=None),), (Closed(1002),)),
    Case(
        "1.3",
        "a close frame without a mask is refused",
        (frame(CLOSE, b"\x03\xe8", mask=None),),
        (Closed(1002),),
    ),
    Case(
        "1.3",
        "what stands before a frame without a mask is answered",
        (text(message("before")) + ping(b"p") + frame(TEXT, b"{}", mask=None),),
        (Taken(1, "before"), Ponged(b"p"), Closed(1002)),
    ),
    Case(
        "1.3",
        "what stands behind a frame without a mask is not looked at",
        (frame(TEXT, b"{}", mask=None) + text(message("behind")) + ping(b"p") + close(),),
        (Closed(1002),),
    ),
]

CASES = TEXTS + OCTETS + LONG_LENGTHS + BINARIES + MASKS
