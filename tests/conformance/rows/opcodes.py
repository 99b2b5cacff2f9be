"""4: reserved opcodes (RFC 6455 5.2)."""

from tests.conformance.case import Case, Closed, Ponged, Taken
from tests.conformance.octets import cut, frame, message, ping, text

DATA = (3, 4, 5, 6, 7)
CONTROL = (11, 12, 13, 14, 15)
KINDS = (("4.1", DATA), ("4.2", CONTROL))
BEFORE = text(message("before"))

CASES = [
    *(
        Case(f"{section}.{number}", f"opcode {opcode} is refused", (frame(opcode),), (Closed(1002),))
        for section, opcodes in KINDS
        for number, opcode in enumerate(opcodes, 1)
    ),
    *(
        Case(
            f"{section}.{number}",
            f"opcode {opcode} between good frames is refused, what stands before it is answered",
            (BEFORE + ping(b"p") + frame(opcode, b"payload") + ping(b"behind"),),
            (Taken(1, "before"), Ponged(b"p"), Closed(1002)),
        )
        for section, opcodes in KINDS
        for number, opcode in enumerate(opcodes, 1)
    ),
    *(
        Case(
            f"{section}.5",
            f"opcode {opcode}, octet by octet after a text, is refused",
            (BEFORE, *cut(frame(opcode, b"payload"))),
            (Taken(1, "before"), Closed(1002)),
        )
        for section, opcode in (("4.1", 7), ("4.2", 15))
    ),
    Case(
        "4.1",
        "a reserved opcode between the fragments of a message is refused",
        (frame(1, b"{", final=False) + frame(3, b"payload") + frame(0, b"}"),),
        (Closed(1002),),
    ),
    Case(
        "4.2",
        "a reserved control opcode in a fragment is refused",
        (frame(11, final=False),),
        (Closed(1002),),
    ),
    Case("4.1", "a reserved opcode before hello is refused", (frame(3),), (Closed(1002),), greeted=False),
]
