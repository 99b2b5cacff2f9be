"""3: reserved bits, of which none has a meaning without an extension (RFC 6455 5.2)."""

from tests.conformance.case import Case, Closed, Ponged, Taken
from tests.conformance.octets import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    cut,
    frame,
    message,
    ping,
    text,
)

NAMES = {4: "RSV1", 2: "RSV2", 1: "RSV3", 6: "RSV1 and 2", 5: "RSV1 and 3", 3: "RSV2 and 3", 7: "all three"}
BEFORE = text(message("before"))

CASES = [
    *(
        Case(
            "3.1", f"a text with {name} set is refused", (frame(TEXT, b"{}", reserved=bits),), (Closed(1002),)
        )
        for bits, name in NAMES.items()
    ),
    *(
        Case(
            "3.2",
            f"with {name} set in the frame behind a text, the text is answered first",
            (BEFORE + frame(TEXT, b"{}", reserved=bits) + ping(),),
            (Taken(1, "before"), Closed(1002)),
        )
        for bits, name in NAMES.items()
        if bits in (4, 2, 1)
    ),
    Case(
        "3.3",
        "with RSV2 set in the packet after a ping, the ping is answered first",
        (ping(b"before"), frame(TEXT, b"{}", reserved=2)),
        (Ponged(b"before"), Closed(1002)),
    ),
    Case(
        "3.4",
        "reserved bits are refused by the first two octets of the frame",
        (BEFORE, frame(TEXT, b"{}", reserved=4)[:1], frame(TEXT, b"{}", reserved=4)[1:2]),
        (Taken(1, "before"), Closed(1002)),
        unfinished=True,
    ),
    Case(
        "3.4",
        "a text with RSV1 and 3 set, octet by octet, is refused",
        cut(frame(TEXT, b"{}", reserved=5)),
        (Closed(1002),),
    ),
    Case(
        "3.5",
        "a binary message with RSV2 and 3 set is refused for that",
        (frame(BINARY, b"\0", reserved=3),),
        (Closed(1002),),
    ),
    Case("3.6", "a ping with all three set is refused", (frame(PING, b"p", reserved=7),), (Closed(1002),)),
    Case("3.6", "a pong with RSV1 set is refused", (frame(PONG, b"p", reserved=4),), (Closed(1002),)),
    Case(
        "3.7",
        "a close frame with all three set is refused",
        (frame(CLOSE, b"\x03\xe8", reserved=7),),
        (Closed(1002),),
    ),
    Case(
        "3.1",
        "a continuation with RSV1 set is refused",
        (frame(TEXT, b"{", final=False) + frame(CONTINUATION, b"}", reserved=4),),
        (Closed(1002),),
    ),
    Case(
        "3.1",
        "a text with a reserved bit before hello is refused",
        (frame(TEXT, b'{"type":"hello"}', reserved=4),),
        (Closed(1002),),
        greeted=False,
    ),
]
