"""7: the closing handshake (RFC 6455 5.5.1, 7)."""

from tests.conformance.case import Case, Closed, Ended, Ponged, Taken, taken
from tests.conformance.octets import (
    CLOSE,
    CONTINUATION,
    TEXT,
    close,
    cut,
    frame,
    message,
    message_of,
    ping,
    text,
)

MAY_BE_SENT = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
MUST_NOT_BE_SENT = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
LONGEST = "끝".encode() * 41  # 123 bytes

ORDER = [
    Case(
        "7.1.1",
        "what was said before a close frame is answered",
        (text(message("before")) + ping(b"p"), close()),
        (Taken(1, "before"), Ponged(b"p"), Closed(1000)),
        closes=True,
    ),
    Case(
        "7.1.2",
        "of two close frames the first is answered",
        (close(1000) + close(1001),),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.2", "likewise in packets of their own", (close(1000), close(1001)), (Closed(1000),), closes=True
    ),
    Case(
        "7.1.3",
        "a ping behind a close frame is not answered",
        (close() + ping(b"p"),),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.4",
        "a text behind a close frame is not taken",
        (close() + text(message("late")),),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.4",
        "likewise in packets of their own",
        (close(), text(message("late"))),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.5",
        "the rest of a message behind a close frame is not taken",
        (frame(TEXT, b'{"type":"late",', final=False) + close() + frame(CONTINUATION, b'"id":1}'),),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.6",
        "a long message before a close frame is taken",
        (text(message_of(200_000)), close()),
        (taken(message_of(200_000)), Closed(1000)),
        closes=True,
    ),
    Case(
        "7.1.4",
        "octets that are no frame behind a close frame are not looked at",
        (close() + b"\xff" * 99,),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.4",
        "200,000 bytes behind a close frame are not looked at",
        (close(), bytes(200_000)),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.1",
        "a close frame, octet by octet, is answered",
        cut(close(1000, b"done")),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.1.1",
        "a close frame before hello is answered",
        (close(),),
        (Closed(1000),),
        greeted=False,
        closes=True,
    ),
]

PAYLOADS = [
    Case(
        "7.3.1",
        "a close frame without a code is answered without one",
        (close(None),),
        (Closed(1005),),
        closes=True,
    ),
    Case(
        "7.3.2",
        "a close frame with half a code is refused",
        (frame(CLOSE, b"\x03"),),
        (Closed(1002),),
        closes=True,
    ),
    Case(
        "7.3.3", "a close frame with a code is answered with it", (close(1001),), (Closed(1001),), closes=True
    ),
    Case(
        "7.3.4",
        "a close frame with a reason is answered with its code",
        (close(1000, "안녕".encode()),),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.3.5",
        "a close frame with a reason of 123 bytes is answered",
        (close(1000, LONGEST),),
        (Closed(1000),),
        closes=True,
    ),
    Case(
        "7.3.6",
        "a close frame with a reason of 124 bytes is refused",
        (close(1000, LONGEST + b"!"),),
        (Closed(1002),),
        closes=True,
    ),
    Case(
        "7.3.6",
        "a close frame that claims 65536 bytes is refused",
        (frame(CLOSE, claims=65536),),
        (Closed(1002),),
        closes=True,
        unfinished=True,
    ),
    Case(
        "7.3",
        "a close frame that is not final is refused",
        (frame(CLOSE, b"\x03\xe8", final=False),),
        (Closed(1002),),
        closes=True,
    ),
    Case(
        "7.3",
        "a close frame with its length in 16 bits is refused",
        (frame(CLOSE, b"\x03\xe8", bits=16),),
        (Closed(1002),),
        closes=True,
    ),
    Case(
        "7.5.1",
        "a close frame whose reason is not UTF-8 is refused",
        (close(1000, b"\xce\xba\xed\xa0\x80"),),
        (Closed(1007),),
        closes=True,
    ),
    Case(
        "7.5.1",
        "a close frame whose reason ends within a character is refused",
        (close(1000, LONGEST[:-1]),),
        (Closed(1007),),
        closes=True,
    ),
]

CODES = [
    Case(f"7.7.{number}", f"{code} is answered with {code}", (close(code),), (Closed(code),), closes=True)
    for number, code in enumerate(MAY_BE_SENT, 1)
] + [
    Case(
        f"7.9.{number}",
        f"{code}, which must not be sent, is refused",
        (close(code),),
        (Closed(1002),),
        closes=True,
    )
    for number, code in enumerate(MUST_NOT_BE_SENT, 1)
]

WITHOUT_A_CLOSE_FRAME = [
    Case(
        "7", "who stops writing without a close frame is let go of without one", (b"",), (Ended(),), cuts=True
    ),
    Case(
        "7",
        "who stops writing within a header is let go of likewise",
        (text(message("cut"))[:3],),
        (Ended(),),
        cuts=True,
    ),
    Case(
        "7",
        "who stops writing within a payload is let go of likewise",
        (text(message("cut"))[:-1],),
        (Ended(),),
        cuts=True,
    ),
    Case(
        "7",
        "who stops writing between fragments is let go of likewise",
        (frame(TEXT, b"{", final=False),),
        (Ended(),),
        cuts=True,
    ),
    Case(
        "7",
        "what was said before somebody stopped writing is answered",
        (text(message("last words")), ping()),
        (Taken(1, "last words"), Ponged(b""), Ended()),
        cuts=True,
    ),
    Case(
        "7.1.1",
        "a close frame is answered to who stops writing behind it",
        (close(1001),),
        (Closed(1001),),
        closes=True,
        cuts=True,
    ),
]

CASES = ORDER + PAYLOADS + CODES + WITHOUT_A_CLOSE_FRAME
