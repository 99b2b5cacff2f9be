"""6: text is UTF-8, and nothing else is (RFC 6455 8.1, RFC 3629 3)."""

from tests.conformance.case import Case, Closed, Ponged, Taken, taken
from tests.conformance.octets import TEXT, cut, fragments, frame, message, ping, text

KOSME = "κόσμε"
KOREAN = "안녕, 세계 🌏"
BAD = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"  # of the Autobahn suite: a surrogate inside
HEAD, TAIL = b'{"type":"', b'","id":1}'


def around(octets: bytes) -> bytes:
    """A message that would be taken if these octets were UTF-8."""
    return HEAD + octets + TAIL


VALID = {
    "6.2": (
        ("Greek", KOSME),
        ("Korean and emoji", KOREAN),
        ("letters of all lengths", "a\u00e9\uac00\U0001f30f"),
    ),
    "6.5": (
        ("the first of two octets, U+0080", "\u0080"),
        ("of three, U+0800", "\u0800"),
        ("of four, U+10000", "\U00010000"),
    ),
    "6.7": (
        ("the last of one octet, U+007F", "\u007f"),
        ("of two, U+07FF", "\u07ff"),
        ("of three, U+FFFF", "\uffff"),
        ("the very last, U+10FFFF", "\U0010ffff"),
    ),
    "6.11": (
        ("the last before the surrogates, U+D7FF", "\ud7ff"),
        ("the first after them, U+E000", "\ue000"),
        ("the replacement character, U+FFFD", "\ufffd"),
    ),
    "6.22": (
        ("noncharacters, U+FFFE, U+1FFFE, U+10FFFE", "\ufffe\U0001fffe\U0010fffe"),
        ("noncharacters of the Arabic block, U+FDD0 to U+FDEF", "\ufdd0\ufdef"),
    ),
    "6.23": (
        ("specials, U+FFF9 to U+FFFC", "\ufff9\ufffa\ufffb\ufffc"),
        ("a byte order mark inside", "a\ufeffb"),
    ),
}

INVALID = {
    "6.3": (("a surrogate inside", BAD),),
    "6.6": (
        ("one of two octets", b"\xce"),
        ("one of three", b"\xe1"),
        ("two of three", b"\xe1\xbd"),
        ("three of four", b"\xf0\x9f\x8c"),
    ),
    "6.8": (("five octets", b"\xf8\x88\x80\x80\x80"), ("six octets", b"\xfc\x84\x80\x80\x80\x80")),
    "6.11": (
        ("one more than the last, U+110000", b"\xf4\x90\x80\x80"),
        ("the start of four octets that cannot be, F5", b"\xf5\x80\x80\x80"),
    ),
    "6.12": (
        ("a lone continuation, 80", b"\x80"),
        ("a lone continuation, BF", b"\xbf"),
        ("seven continuations", b"\x80\xbf" * 3 + b"\x80"),
    ),
    "6.13": (
        (
            "all starts of two octets with a space after each",
            b" ".join(bytes((start,)) for start in range(0xC2, 0xE0)),
        ),
    ),
    "6.14": (("a last octet missing before another character", b"\xe0\xa0a"),),
    "6.15": (("sequences that all lack their last octet", b"\xdf\xef\xbf\xf7\xbf\xbf"),),
    "6.16": (
        ("the octet FE", b"\xfe"),
        ("the octet FF", b"\xff"),
        ("a UTF-16 byte order mark", b"\xff\xfea\0"),
    ),
    "6.17": (
        ("an overlong slash in two octets", b"\xc0\xaf"),
        ("in three", b"\xe0\x80\xaf"),
        ("in four", b"\xf0\x80\x80\xaf"),
    ),
    "6.18": (
        ("the longest overlong of two octets", b"\xc1\xbf"),
        ("of three", b"\xe0\x9f\xbf"),
        ("of four", b"\xf0\x8f\xbf\xbf"),
    ),
    "6.19": (("an overlong NUL in two octets", b"\xc0\x80"), ("in three", b"\xe0\x80\x80")),
    "6.20": (
        ("the first high surrogate", b"\xed\xa0\x80"),
        ("the last high one", b"\xed\xaf\xbf"),
        ("the first low one", b"\xed\xb0\x80"),
        ("the last low one", b"\xed\xbf\xbf"),
    ),
    "6.21": (("a pair of surrogates, as in CESU-8", b"\xed\xa0\xbc\xed\xbc\x8f"),),
}

WHOLE = [
    Case(section, f"{name}: taken", (text(message(word)),), (Taken(1, word),))
    for section, words in VALID.items()
    for name, word in words
] + [
    Case(section, f"{name}: no UTF-8", (text(around(octets)),), (Closed(1007),))
    for section, sequences in INVALID.items()
    for name, octets in sequences
]

KOREAN_MESSAGE = message(KOREAN)
KOREAN_FRAME = text(KOREAN_MESSAGE)
INSIDE = KOREAN_MESSAGE.index("안".encode())  # the place of the first octet of three
IN_FRAME = len(KOREAN_FRAME) - len(KOREAN_MESSAGE) + INSIDE

IN_PIECES = [
    Case("6.1", "a text of one empty frame is UTF-8", (frame(TEXT),), (Taken(None, None),)),
    Case("6.1", "a NUL is UTF-8", (text(b"\0"),), (Taken(None, None),)),
    *(
        Case(
            "6.2",
            f"a character may be cut between frames after {count} of its three octets",
            (b"".join(fragments(KOREAN_MESSAGE[: INSIDE + count], KOREAN_MESSAGE[INSIDE + count :])),),
            (taken(KOREAN_MESSAGE),),
        )
        for count in (1, 2)
    ),
    *(
        Case(
            "6.2",
            f"a character may be cut between packets after {count} of its three octets",
            (KOREAN_FRAME[: IN_FRAME + count], KOREAN_FRAME[IN_FRAME + count :]),
            (taken(KOREAN_MESSAGE),),
        )
        for count in (1, 2)
    ),
    Case("6.2", "octet by octet", cut(KOREAN_FRAME), (taken(KOREAN_MESSAGE),)),
    Case(
        "6.2", "a fragment an octet", (b"".join(fragments(*cut(KOREAN_MESSAGE))),), (taken(KOREAN_MESSAGE),)
    ),
    Case(
        "6.3", "a surrogate, a fragment an octet", (b"".join(fragments(*cut(around(BAD)))),), (Closed(1007),)
    ),
    Case("6.3", "a surrogate, octet by octet", cut(text(around(BAD))), (Closed(1007),)),
    Case("6.6", "a text that ends within a character", (text("안".encode()[:2]),), (Closed(1007),)),
    Case(
        "6.6",
        "a text in fragments that ends within a character",
        (b"".join(fragments(b"a", "안".encode()[:2])),),
        (Closed(1007),),
    ),
    Case(
        "6.6",
        "a character whose rest stands in the next message",
        (text("안".encode()[:2]) + text("안".encode()[2:]),),
        (Closed(1007),),
    ),
    Case(
        "6.3",
        "what was said before a text that is not UTF-8 is answered",
        (text(message("before")) + ping(b"p") + text(b"\xff"),),
        (Taken(1, "before"), Ponged(b"p"), Closed(1007)),
    ),
    Case("6.3", "a text before hello that is not UTF-8", (text(b"\xff"),), (Closed(1007),), greeted=False),
]

LATE = [
    Case(
        "6.4.1",
        "bad octets in a first fragment are judged when the message ends: until then a ping is answered",
        (frame(TEXT, BAD, final=False), ping(b"still here"), frame(0, b"end")),
        (Ponged(b"still here"), Closed(1007)),
    ),
    Case(
        "6.4.2",
        "likewise in a fragment in the middle",
        (frame(TEXT, b"a", final=False), frame(0, BAD, final=False) + ping(b"still here"), frame(0, b"end")),
        (Ponged(b"still here"), Closed(1007)),
    ),
    Case(
        "6.4.3",
        "bad octets in the packet before the last of a frame are judged when the frame is whole",
        (text(around(BAD))[:-9], text(around(BAD))[-9:]),
        (Closed(1007),),
    ),
    Case(
        "6.4",
        "bad octets in a message that never ends do no harm: the close frame is answered",
        (frame(TEXT, BAD, final=False) + frame(8, b"\x03\xe8"),),
        (Closed(1000),),
        closes=True,
    ),
]

CASES = WHOLE + IN_PIECES + LATE
