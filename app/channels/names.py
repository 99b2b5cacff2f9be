"""Names and topics of channels: trimmed, in one line, and visible. No I/O here."""

import re
from typing import Final
from unicodedata import category, normalize

from app.core.errors import Invalid

MAX_NAME: Final = 80  # code points
MAX_TOPIC: Final = 250  # code points
_MOST_BEFORE_NORMALISING: Final = (
    1_000  # longer ones are refused unlooked at: normalising is quadratic in marks
)

# Control characters, line and paragraph separators, lone surrogates, and what turns the direction of the text after it.
_find_forbidden: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
).search
_INVISIBLE: Final = frozenset({"Cf", "Zs", "Mn", "Me", "Cn", "Co"})


def normalise_name(text: str) -> str:
    """A group's name: NFC, trimmed, 1 to 80 code points of which one shows. Raises Invalid."""
    name = _one_line(text, "name", MAX_NAME)
    if all(category(character) in _INVISIBLE for character in name):
        raise _invalid("name", "It must not be empty.")
    return name


def normalise_topic(text: str) -> str:
    """A channel's topic: NFC, trimmed, up to 250 code points; may be empty. Raises Invalid."""
    return _one_line(text, "topic", MAX_TOPIC)


def _one_line(text: str, field: str, most: int) -> str:
    line = text.strip()
    if len(line) <= _MOST_BEFORE_NORMALISING:
        if _find_forbidden(line):
            raise _invalid(field, "It holds a character that does not show.")
        line = normalize("NFC", line)
    if len(line) > most:
        raise _invalid(field, f"It may have {most} characters.")
    return line


def _invalid(field: str, reason: str) -> Invalid:
    return Invalid(f"This {field} cannot be used.", fields={field: reason})
