"""What a text may hold, and how it is stored."""

import time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.messages.text import MAX_TEXT, SHORT, normalise_text

# Decomposed texts long enough to be put in order before CPython's `normalize`, and marks of many classes among them.
_marks = st.sampled_from("\u0301\u0323\u0344\u0f73\u0f71\u0f72\u1161\u11a8\u0308\u05b0\u3099")
_long = st.lists(
    st.one_of(_marks, st.characters(min_codepoint=0xA0, exclude_categories=["Cs", "Cc"])), min_size=1
)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a", "a"),
        (" 앞뒤 ", " 앞뒤 "),
        (" ", " "),
        ("a\r\nb\rc\n\td", "a\nb\nc\n\td"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("e\u0301", "é"),
        ("\u212b", "Å"),
        ("👨‍👩‍👧 \u200f\u202e\ufeff", "👨‍👩‍👧 \u200f\u202e\ufeff"),
        ("\U0010ffff\ufffe", "\U0010ffff\ufffe"),
    ],
)
def test_a_text_is_normalised_and_never_trimmed(text: str, stored: str) -> None:
    assert normalise_text(text) == stored


@pytest.mark.parametrize(
    "character", ["\x00", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\x80", "\x85", "\x9f"]
)
def test_control_characters_are_refused(character: str) -> None:
    with pytest.raises(Invalid, match="cannot be sent") as refused:
        normalise_text(f"a{character}b")
    assert f"U+{ord(character):04X}" in refused.value.fields["text"]


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_lone_surrogates_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise_text(text)
    assert "surrogate" in refused.value.fields["text"]


def test_the_length_counts_after_normalising() -> None:
    assert normalise_text("a" * MAX_TEXT) == "a" * MAX_TEXT
    assert normalise_text("\r\n" * MAX_TEXT) == "\n" * MAX_TEXT
    assert normalise_text("\u1112\u1161\u11ab" * MAX_TEXT) == "한" * MAX_TEXT
    for text in ("", "a" * (MAX_TEXT + 1), "한" * (MAX_TEXT + 1), "\u0958" * (MAX_TEXT // 2 + 1)):
        with pytest.raises(Invalid):
            normalise_text(text)


@given(_long.map(lambda characters: "".join(characters) * (SHORT // len(characters) + 1)))
def test_long_texts_are_normalised_as_short_ones_are(text: str) -> None:
    assert normalise_text(text) == normalize("NFC", text)


@pytest.mark.parametrize("marks", ["\u0301" * 40_000 + "\u0323" * 40_000, "\u0f73" * 80_000])
def test_a_text_of_marks_does_not_stop_the_server(marks: str) -> None:
    """CPython's own normalising takes five to ten seconds for these; the event loop would stand still."""
    started = time.process_time()
    with pytest.raises(Invalid):
        normalise_text(marks)
    assert time.process_time() - started < 1
