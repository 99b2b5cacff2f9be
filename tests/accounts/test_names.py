"""What people may be called and how they are found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.names import (
    initials,
    name_matches,
    require_display_name,
    require_username,
    search_key,
    search_term,
    username_key,
)
from app.core.errors import Invalid


@pytest.mark.parametrize(
    "username",
    ["ab", "x" * 32, "김민수", "marie.curie", "a_b-c.9", "..", "Ünal", "हिन्दी", "ไทย", "محمد", "٣٤", "山田"],
)
def test_letters_of_any_script_digits_dots_underscores_and_hyphens_make_a_username(username: str) -> None:
    assert require_username(username) == unicodedata.normalize("NFKC", username)


@pytest.mark.parametrize(
    "username",
    ["", "a", "x" * 33, "a b", "a@b", "a/b", "a\u200bb", "a\u202eb", "a\x00b", "a\nb", "ㅤㅤ", "a\u3164b", "ab\ufe0f",
     "\u0301ab", "😀😀", "a" * 100_000, "x" * 32 + "\u0301"],
)  # fmt: skip
def test_anything_else_is_refused_and_the_field_named(username: str) -> None:
    with pytest.raises(Invalid) as error:
        require_username(username)
    assert list(error.value.fields) == ["username"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Marie", "mARIE"),
        ("straße", "STRASSE"),
        ("ﬁsh", "FISH"),
        ("ｍａｒｉｅ", "marie"),
        ("한글", unicodedata.normalize("NFD", "한글")),
        ("Ünal", "u\u0308nal"),
        ("ΣΑΣ", "σας"),
    ],
)
def test_usernames_that_differ_in_case_or_composition_only_are_the_same(one: str, other: str) -> None:
    assert username_key(require_username(one)) == username_key(require_username(other))


@given(st.text(max_size=40))
def test_a_username_that_passes_passes_again_unchanged_and_its_key_is_settled(typed: str) -> None:
    try:
        username = require_username(typed)
    except Invalid:
        return
    assert require_username(username) == username
    assert username_key(username_key(username)) == username_key(username)
    assert len(username_key(username)) <= 128


@pytest.mark.parametrize("name", ["M", "x" * 64, "  김 민수 ", "👩‍👩‍👧", "نرگس", "O'Brien, Jr.", "1️⃣"])
def test_names_are_free_and_lose_only_the_blanks_around_them(name: str) -> None:
    assert require_display_name(name) == unicodedata.normalize("NFC", name).strip()


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 65, "a\nb", "a\tb", "a\x7fb", "a\u202eb", "a\u2066b", "a\u200fb", "\u200d", "\u3164", "a\u2028b",
     "a\u2029b", "\u0301", "a\u200bb", "\ufeffa"],
)  # fmt: skip
def test_a_name_shows_something_and_controls_nothing(name: str) -> None:
    with pytest.raises(Invalid) as error:
        require_display_name(name)
    assert list(error.value.fields) == ["display_name"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("ㅂㅍ", True), ("배포", True), ("배ㅍ", True), ("ㅂ포", True), ("ㅍ", True), ("ㅂㅂ", False), ("ㅍㅂ", False),
     ("포배", False), ("BOT", True), ("ㅂㅍ 봇", True), ("ㅂㅍㅂ", False), ("dep", True), ("배파", False)],
)  # fmt: skip
def test_initial_consonants_stand_for_any_syllable_that_begins_so(typed: str, found: bool) -> None:
    assert name_matches(search_term(typed), search_key("deploy.Bot", "배포 봇")) is found


def test_every_syllable_has_its_initial_and_other_characters_stay() -> None:
    assert initials("가힣까 abc") == "ᄀᄒᄁ abc"
    keyboard = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
    assert search_term(keyboard) == "".join(chr(0x1100 + number) for number in range(19))


def test_what_controls_text_is_no_part_of_a_search() -> None:
    assert search_term(" \u202eMa\nrie\x00 ") == "marie"
