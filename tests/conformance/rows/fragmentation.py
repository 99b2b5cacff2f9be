"""5: messages in fragments (RFC 6455 5.4)."""

from itertools import chain

from tests.conformance.case import Case, Closed, Heard, Ponged, Taken, Welcomed, taken
from tests.conformance.octets import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    close,
    cut,
    fragments,
    frame,
    message,
    message_of,
    ping,
    text,
)
from tests.conformance.rows.framing import BINARY_IS_NOT_SPOKEN

SENT = message("in fragments")
FIRST, SECOND = fragments(SENT[:11], SENT[11:])
FIVE = fragments(SENT[:5], SENT[5:11], SENT[11:12], SENT[12:20], SENT[20:])
PIECES = fragments(*cut(SENT))
HEARD = (taken(SENT),)


def between(pieces: list[bytes], raw: bytes) -> bytes:
    """The pieces, with `raw` before each but the first."""
    return raw.join(pieces)


CONTROL_IN_FRAGMENTS = [
    Case(
        section,
        f"a {name} in two fragments is refused",
        (frame(opcode, b"a", final=False) + frame(CONTINUATION, b"b"),),
        (Closed(1002),),
    )
    for section, name, opcode in (("5.1", "ping", PING), ("5.2", "pong", PONG))
] + [
    Case("5.1", "a ping that is not final is refused at once", (frame(PING, final=False),), (Closed(1002),)),
]

WHOLE = [
    Case("5.3", "a text in two fragments is taken", (FIRST + SECOND,), HEARD),
    Case("5.4", "a text in two fragments and two packets is taken", (FIRST, SECOND), HEARD),
    Case("5.5", "a text in two fragments, octet by octet, is taken", cut(FIRST + SECOND), HEARD),
    Case("5.3", "a text in five fragments is taken", (b"".join(FIVE),), HEARD),
    Case("5.3", "a text in as many fragments as bytes is taken", (b"".join(PIECES),), HEARD),
    Case("5.3", "a text in as many fragments and packets as bytes is taken", tuple(PIECES), HEARD),
    Case(
        "5.3",
        "a text in a thousand fragments is taken",
        (b"".join(fragments(*cut(message_of(64_000), 64))),),
        (taken(message_of(64_000)),),
    ),
    Case(
        "5.3",
        "a text with empty fragments is taken",
        (b"".join(fragments(b"", SENT[:9], b"", SENT[9:], b"")),),
        HEARD,
    ),
    Case(
        "5.3",
        "a text of nothing but empty fragments is taken",
        (b"".join(fragments(b"", b"", b"")),),
        (Taken(None, None),),
    ),
    Case(
        "5.3",
        "two texts in fragments, one after the other, are taken",
        (b"".join(chain(fragments(*cut(message("one", 1), 9)), fragments(*cut(message("two", 2), 9)))),),
        (Taken(1, "one"), Taken(2, "two")),
    ),
    Case(
        "5.3",
        "a packet that ends between the header and the payload of a fragment does not matter",
        (FIRST + SECOND[:6], SECOND[6:]),
        HEARD,
    ),
]

PONGED: tuple[Heard, ...] = (Ponged(b"p"),)
CONTROL_BETWEEN = [
    Case(
        "5.6",
        "a ping between two fragments is answered at once",
        (FIRST + ping(b"p") + SECOND,),
        PONGED + HEARD,
    ),
    Case("5.7", "likewise in packets of their own", (FIRST, ping(b"p"), SECOND), PONGED + HEARD),
    Case("5.8", "likewise octet by octet", cut(FIRST + ping(b"p") + SECOND), PONGED + HEARD),
    Case("5.6", "a pong between two fragments is ignored", (FIRST + frame(PONG, b"p") + SECOND,), HEARD),
    Case(
        "5.19", "pings between five fragments are answered", (between(FIVE, ping(b"p")),), PONGED * 4 + HEARD
    ),
    Case(
        "5.20",
        "pings between five fragments in packets of their own are answered",
        (FIVE[0], *chain.from_iterable((ping(b"p"), piece) for piece in FIVE[1:])),
        PONGED * 4 + HEARD,
    ),
    Case(
        "5.6",
        "pings between all the fragments of a hundred are answered",
        (between(fragments(*cut(message_of(100))), ping(b"p")),),
        (*PONGED * 99, taken(message_of(100))),
    ),
    Case(
        "5.6",
        "a close frame between two fragments is answered, the message is dropped",
        (FIRST + close(1000) + SECOND,),
        (Closed(1000),),
        closes=True,
    ),
]

NOTHING_TO_CONTINUE = [
    Case(
        "5.9",
        "a continuation of nothing is refused",
        (frame(CONTINUATION, b"{}") + text(SENT),),
        (Closed(1002),),
    ),
    Case(
        "5.10", "likewise in packets of their own", (frame(CONTINUATION, b"{}"), text(SENT)), (Closed(1002),)
    ),
    Case("5.11", "likewise octet by octet", cut(frame(CONTINUATION, b"{}")), (Closed(1002),)),
    Case(
        "5.12",
        "a continuation of nothing that is not final is refused",
        (frame(CONTINUATION, b"{", final=False) + text(SENT),),
        (Closed(1002),),
    ),
    Case("5.14", "likewise octet by octet", cut(frame(CONTINUATION, b"{", final=False)), (Closed(1002),)),
    Case("5.9", "an empty continuation of nothing is refused", (frame(CONTINUATION),), (Closed(1002),)),
    Case(
        "5.15",
        "a continuation behind a text that has ended is refused, the text is taken",
        (FIRST + SECOND + frame(CONTINUATION, b"more"),),
        (*HEARD, Closed(1002)),
    ),
    Case(
        "5.16",
        "a continuation behind a whole text is refused, the text is taken",
        (text(SENT) + frame(CONTINUATION, b"more", final=False),),
        (*HEARD, Closed(1002)),
    ),
    Case(
        "5.9",
        "a continuation before hello is refused",
        (frame(CONTINUATION, b'{"type":"hello"}'),),
        (Closed(1002),),
        greeted=False,
    ),
]

MESSAGE_INSIDE = [
    Case(
        "5.18",
        "a whole text inside a text in fragments is refused",
        (FIRST + text(SENT) + SECOND,),
        (Closed(1002),),
    ),
    Case("5.18", "likewise in packets of their own", (FIRST, text(SENT)), (Closed(1002),)),
    Case("5.18", "the first fragment of another text is refused", (FIRST + FIRST,), (Closed(1002),)),
    Case(
        "5.18",
        "a whole binary message inside a text is refused for that",
        (FIRST + frame(BINARY, b"\0"),),
        (Closed(1002),),
    ),
    Case(
        "5.18",
        "a text inside a text is refused, what was said before them is answered",
        (text(message("before")) + FIRST + ping(b"p") + text(SENT),),
        (Taken(1, "before"), *PONGED, Closed(1002)),
    ),
]

BINARIES = [
    Case(
        "5",
        "a binary message in fragments is not taken",
        (b"".join(fragments(b"\0", b"\1", opcode=BINARY)),),
        (Closed(1003),),
        differs=BINARY_IS_NOT_SPOKEN,
    ),
    Case(
        "5",
        "a binary message in fragments is not taken by its first frame",
        (frame(BINARY, final=False) + ping(b"behind"),),
        (Closed(1003),),
        differs=BINARY_IS_NOT_SPOKEN,
    ),
]

GREETING = [
    Case(
        "5.3",
        "a hello in fragments with a ping between is answered",
        (between(fragments(b'{"type":', b'"hello","active"', b":true}"), ping(b"p")),),
        (*PONGED * 2, Welcomed()),
        greeted=False,
    ),
]

CASES = (
    CONTROL_IN_FRAGMENTS
    + WHOLE
    + CONTROL_BETWEEN
    + NOTHING_TO_CONTINUE
    + MESSAGE_INSIDE
    + BINARIES
    + GREETING
)
