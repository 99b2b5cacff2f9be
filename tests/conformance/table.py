"""All rows, section by section."""

from tests.conformance.case import Case
from tests.conformance.rows import (
    closing,
    fragmentation,
    framing,
    limits,
    opcodes,
    pings,
    reserved_bits,
    unicode,
)

CASES: list[Case] = [
    case
    for section in (framing, pings, reserved_bits, opcodes, fragmentation, unicode, closing, limits)
    for case in section.CASES
]
