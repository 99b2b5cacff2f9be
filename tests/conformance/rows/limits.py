"""9 and 10: how much a message may have: 256 KiB, and 4 KiB before `hello`."""

from tests.conformance.case import Case, Closed, Heard, Ponged, Taken, Welcomed, taken
from tests.conformance.octets import (
    CONTINUATION,
    TEXT,
    cut,
    fragments,
    frame,
    message,
    message_of,
    ping,
    text,
)

LIMIT = 256 * 1024
FIRST_LIMIT = 4 * 1024

FULL = message_of(LIMIT)
HEARD = (taken(FULL),)
OVER = message_of(LIMIT + 1)
TOO_BIG = (Closed(1009),)


def hello_of(size: int) -> bytes:
    head, tail = b'{"type":"hello","padding":"', b'"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


SIZES = [
    *(
        Case("9.1", f"a message of {size} bytes is taken", (text(sent),), (taken(sent),))
        for size in (4097, 16_384, 65_537, 131_072, LIMIT - 1)
        for sent in [message_of(size)]
    ),
    Case("9.1", "a message of exactly the limit is taken", (text(FULL),), HEARD),
    Case("9.1", "a message of one byte more is too big", (text(OVER),), TOO_BIG),
    Case(
        "9.1",
        "a message of a gigabyte is too big by its header alone",
        (frame(TEXT, claims=1 << 30),),
        TOO_BIG,
    ),
    Case(
        "9.1",
        "a message of 2^53 bytes is too big by its header alone",
        (frame(TEXT, claims=1 << 53),),
        TOO_BIG,
    ),
    Case(
        "9.1",
        "a message of 2^63-1 bytes is too big by its header alone",
        (frame(TEXT, claims=(1 << 63) - 1),),
        TOO_BIG,
    ),
    Case("9.5", "a message of exactly the limit in packets of 4096 is taken", cut(text(FULL), 4096), HEARD),
    Case(
        "9.5", "a message of exactly the limit in packets of 16384 is taken", cut(text(FULL), 16_384), HEARD
    ),
    Case(
        "9.1",
        "two messages of exactly the limit are taken: it holds for each",
        (text(FULL), text(FULL)),  # more answers than that, unread, would make a slow reader
        HEARD * 2,
    ),
    Case(
        "9.1",
        "what was said before a message that is too big is answered",
        (text(message("before")), text(OVER)),
        (Taken(1, "before"), *TOO_BIG),
    ),
]

IN_FRAGMENTS = [
    *(
        Case(
            "9.3",
            f"a message of exactly the limit in fragments of {size} is taken",
            (b"".join(fragments(*cut(FULL, size))),),
            HEARD,
        )
        for size in (64, 1_300, 65_536, LIMIT - 1)
    ),
    Case(
        "9.3",
        "a message of one byte more in fragments is too big",
        (b"".join(fragments(*cut(OVER, 65_536))),),
        TOO_BIG,
    ),
    Case(
        "9.3",
        "a message of one byte more is too big though its last fragment has one byte",
        (b"".join(fragments(OVER[:-1], OVER[-1:])),),
        TOO_BIG,
    ),
    Case(
        "9.3",
        "a message of one byte more is too big though its first fragment has one byte",
        (b"".join(fragments(OVER[:1], OVER[1:])),),
        TOO_BIG,
    ),
    Case(
        "9.3",
        "a fragment that makes a message too big is refused by its header alone",
        (frame(TEXT, FULL, final=False), frame(CONTINUATION, claims=1)),
        TOO_BIG,
    ),
    Case(
        "9.3",
        "a fragment that is too big by itself is refused by its header alone",
        (frame(TEXT, final=False, claims=LIMIT + 1),),
        TOO_BIG,
    ),
    Case(
        "9.3",
        "empty fragments behind a message of exactly the limit do not count",
        (b"".join(fragments(FULL, b"", b"", b"")),),
        HEARD,
    ),
    Case(
        "9.3",
        "pings between fragments do not count",
        (b"".join((frame(TEXT, FULL[:-1], final=False), ping(bytes(125)), frame(CONTINUATION, FULL[-1:]))),),
        (Ponged(bytes(125)), *HEARD),
    ),
]

WELCOMED: tuple[Heard, ...] = (Welcomed(),)
BEHIND = taken(message_of(200_000, 2))
BEFORE_HELLO = [
    Case(
        "9", "a hello of exactly 4 KiB is answered", (text(hello_of(FIRST_LIMIT)),), WELCOMED, greeted=False
    ),
    Case(
        "9", "a hello of one byte more is too big", (text(hello_of(FIRST_LIMIT + 1)),), TOO_BIG, greeted=False
    ),
    Case(
        "9",
        "a frame of 4097 bytes before hello is too big by its header alone",
        (frame(TEXT, claims=FIRST_LIMIT + 1),),
        TOO_BIG,
        greeted=False,
    ),
    Case(
        "9",
        "a hello of exactly 4 KiB in fragments is answered",
        (b"".join(fragments(*cut(hello_of(FIRST_LIMIT), 100))),),
        WELCOMED,
        greeted=False,
    ),
    Case(
        "9",
        "a hello of one byte more in fragments is too big",
        (b"".join(fragments(*cut(hello_of(FIRST_LIMIT + 1), 100))),),
        TOO_BIG,
        greeted=False,
    ),
    Case(
        "9",
        "a long message in the packet of the hello is taken: the hello raises the limit",
        (text(hello_of(99)) + text(message_of(200_000, 2)),),
        (*WELCOMED, BEHIND),
        greeted=False,
    ),
    Case(
        "9",
        "a long message right behind the hello is taken",
        (text(hello_of(99)), text(message_of(200_000, 2))),
        (*WELCOMED, BEHIND),
        greeted=False,
    ),
]

CASES = SIZES + IN_FRAGMENTS + BEFORE_HELLO
