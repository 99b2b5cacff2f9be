"""2: pings and pongs (RFC 6455 5.5.2, 5.5.3)."""

from tests.conformance.case import Case, Closed, Ponged, Taken
from tests.conformance.octets import PING, PONG, cut, frame, message, ping, text

FULL = bytes(range(125))

CASES = [
    Case("2.1", "an empty ping is answered by an empty pong", (ping(),), (Ponged(b""),)),
    Case(
        "2.2", "a ping with a text is answered with it", (ping("안녕".encode()),), (Ponged("안녕".encode()),)
    ),
    Case(
        "2.3",
        "a ping with octets that are no text is answered with them",
        (ping(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),),
        (Ponged(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),),
    ),
    Case("2.4", "a ping of 125 bytes is answered with all of them", (ping(FULL),), (Ponged(FULL),)),
    Case("2.5", "a ping of 126 bytes is refused", (ping(bytes(126)),), (Closed(1002),)),
    Case(
        "2.5",
        "a ping that claims 126 bytes is refused before they come",
        (ping(bytes(126))[:2],),
        (Closed(1002),),
        unfinished=True,
    ),
    Case("2.5", "a ping that claims 65536 bytes is refused", (ping(bytes(65536)),), (Closed(1002),)),
    Case(
        "2.5",
        "a ping with its length in 16 bits is refused, however short",
        (frame(PING, b"p", bits=16),),
        (Closed(1002),),
    ),
    Case("2.6", "a ping of 125 bytes, octet by octet, is answered", cut(ping(FULL)), (Ponged(FULL),)),
    Case("2.7", "an empty pong that nobody asked for is ignored", (frame(PONG),), ()),
    Case("2.8", "a pong that nobody asked for is ignored", (frame(PONG, b"unasked"),), ()),
    Case("2.8", "a pong of 125 bytes that nobody asked for is ignored", (frame(PONG, FULL),), ()),
    Case("2.8", "a pong of 126 bytes is refused", (frame(PONG, bytes(126)),), (Closed(1002),)),
    Case(
        "2.9",
        "between a pong that nobody asked for and another a ping is answered",
        (frame(PONG, b"unasked") + ping(b"asked") + frame(PONG),),
        (Ponged(b"asked"),),
    ),
    Case(
        "2.10",
        "ten pings in one packet are answered in order",
        (b"".join(ping(b"%d" % number) for number in range(10)),),
        tuple(Ponged(b"%d" % number) for number in range(10)),
    ),
    Case(
        "2.10",
        "ten pings in ten packets are answered in order",
        tuple(ping(b"%d" % number) for number in range(10)),
        tuple(Ponged(b"%d" % number) for number in range(10)),
    ),
    Case(
        "2.11",
        "ten pings, octet by octet, are answered in order",
        cut(b"".join(ping(b"%d" % number) for number in range(10))),
        tuple(Ponged(b"%d" % number) for number in range(10)),
    ),
    Case(
        "2.10",
        "pings between texts are answered in their place",
        (ping(b"1") + text(message("one")) + ping(b"2") + ping(b"3"),),
        (Ponged(b"1"), Taken(1, "one"), Ponged(b"2"), Ponged(b"3")),
    ),
    Case("2.1", "a ping before hello is answered", (ping(b"early"),), (Ponged(b"early"),), greeted=False),
    Case("2.8", "a pong before hello is ignored", (frame(PONG, b"early"),), (), greeted=False),
]
