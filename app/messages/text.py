"""What a message may say: the one place where texts are made fit to be stored. No I/O here."""

import re
from typing import Final
from unicodedata import combining, is_normalized, normalize

from app.core.errors import Invalid

MAX_TEXT: Final = 20_000  # code points, after normalising
SHORT: Final = 500  # code points that are normalised as they come: half a millisecond at worst

_find_control = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]").search


def normalise_text(text: str) -> str:
    """The text as it is stored: NFC, line ends as LF, nothing trimmed. Raises Invalid.

    Control characters (Unicode category Cc) other than newline and tab, and lone surrogates, are refused, never taken
    out: what a person wrote is not changed behind their back.
    """
    if not text.isprintable():  # printable: no control character, line end or surrogate among them
        text = _without_forbidden(text)
    elif text.isascii() and 0 < len(text) <= MAX_TEXT:
        return text
    if not is_normalized("NFC", text):
        text = normalize("NFC", text if len(text) <= SHORT else _in_canonical_order(text))
    if not text:
        raise _invalid("It must not be empty.")
    if len(text) > MAX_TEXT:
        raise _invalid(f"It may have {MAX_TEXT} characters, and has {len(text)}.")
    return text


def _without_forbidden(text: str) -> str:
    """The text with line ends as LF. Raises Invalid for what must not be in it."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    forbidden = _find_control(text)
    if forbidden:
        raise _invalid(_describe(forbidden.group()))
    return text


def _in_canonical_order(text: str) -> str:
    """The text decomposed (NFD), each run of combining marks sorted by its class (Unicode 3.11, D109).

    CPython sorts such a run by insertion: 160 KB of marks in the wrong order took `normalize` 10.7 s.
    """
    decompositions = {character: normalize("NFD", character) for character in set(text)}
    ordered: list[str] = []
    marks: list[str] = []
    for character in "".join(map(decompositions.__getitem__, text)):
        if combining(character):
            marks.append(character)
            continue
        if marks:
            ordered += sorted(marks, key=combining)
            marks.clear()
        ordered.append(character)
    return "".join(ordered + sorted(marks, key=combining))


def _describe(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return "It holds a lone surrogate."
    return f"It holds the control character U+{ord(character):04X}."


def _invalid(reason: str) -> Invalid:
    return Invalid("This text cannot be sent.", fields={"text": reason})
