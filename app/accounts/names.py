"""What people may be called, what makes a username unique, and how a name is found. No I/O here."""

import unicodedata

from app.core.errors import Invalid

USERNAME_LENGTH = range(2, 33)
DISPLAY_NAME_LENGTH = range(1, 65)
MOST_NORMALISED = 500  # code points; normalising is quadratic in marks, and what is longer is refused anyway

_PUNCTUATION = frozenset("._-")
_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3
_FIRST_INITIAL, _LAST_INITIAL = 0x1100, 0x1112
_SYLLABLES_PER_INITIAL = 588
_JOINERS = frozenset("\u200c\u200d")  # emoji of several people, and Persian, need them
# Letters and marks that show nothing (Unicode Default_Ignorable_Code_Point): two equal-looking names would differ.
_INVISIBLE = frozenset(
    chr(point)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for point in range(first, last + 1)
)


def require_username(typed: str) -> str:
    """The username in NFKC: 2–32 letters of any script (with their vowel signs), digits, `.`, `_`, `-`.
    Raises Invalid."""
    username = unicodedata.normalize("NFKC", typed[:MOST_NORMALISED])
    if len(username) not in USERNAME_LENGTH:
        raise _invalid("username", "A username has 2 to 32 characters.")
    if not _is_letter(username[0]) and unicodedata.category(username[0]).startswith("M"):
        raise _invalid("username", "A username cannot begin with a mark that belongs to a letter.")
    if not all(map(_may_stand_in_username, username)):
        raise _invalid("username", "A username has letters, digits, dots, underscores and hyphens only.")
    return username


def require_display_name(typed: str) -> str:
    """The name in NFC without blanks around it: 1–64 characters, something visible, nothing that controls the text
    around it. Raises Invalid."""
    name = unicodedata.normalize("NFC", typed[:MOST_NORMALISED]).strip()
    if any(map(_is_control, name)):
        raise _invalid("display_name", "A name cannot hold control characters.")
    if len(name) not in DISPLAY_NAME_LENGTH or not any(map(_is_visible, name)):
        raise _invalid("display_name", "A name has 1 to 64 characters.")
    return name


def username_key(username: str) -> str:
    """Two usernames are the same when their keys are: NFKC and case folding, as PROTOCOL says."""
    return _fold(username[:MOST_NORMALISED])


def search_key(username: str, display_name: str) -> str:
    """The lines a search looks in: both names folded, then both with each Hangul syllable as its initial consonant."""
    names = [_fold(username), _fold(display_name)]
    return "\n".join(names + [initials(name) for name in names])


def search_term(typed: str) -> str:
    """What was typed into a search, folded like the names; keyboard consonants (ㅂ) become initials (ᄇ)."""
    folded = _fold(typed[:MOST_NORMALISED]).strip()
    return "".join(character for character in folded if not _is_control(character))


def holds_lone_initial(term: str) -> bool:
    """Whether the term has a consonant that is no part of a syllable: then it is looked for among initials."""
    return any(_FIRST_INITIAL <= ord(character) <= _LAST_INITIAL for character in term)


def initials(folded: str) -> str:
    """Each Hangul syllable as its initial consonant (배포 → ᄇᄑ); everything else as it is."""
    return "".join(map(_initial, folded))


def name_matches(term: str, search: str) -> bool:
    """Whether a folded term occurs in a name's lines, lone consonants standing for any syllable that begins so
    (배ㅍ finds 배포)."""
    return any(
        all(map(_stands_for, term, line[start : start + len(term)]))
        for line in search.split("\n")[:2]
        for start in range(len(line) - len(term) + 1)
    )


def _stands_for(wanted: str, found: str) -> bool:
    return wanted in (found, _initial(found))


def _initial(character: str) -> str:
    point = ord(character)
    if not _FIRST_SYLLABLE <= point <= _LAST_SYLLABLE:
        return character
    return chr(_FIRST_INITIAL + (point - _FIRST_SYLLABLE) // _SYLLABLES_PER_INITIAL)


def _fold(text: str) -> str:
    """NFKC before and after folding: folding can undo it (Unicode, toNFKC_Casefold)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def _may_stand_in_username(character: str) -> bool:
    category = unicodedata.category(character)
    if character in _INVISIBLE:
        return False
    return _is_letter(character) or category in ("Nd", "Mn", "Mc") or character in _PUNCTUATION


def _is_letter(character: str) -> bool:
    return unicodedata.category(character).startswith("L")


def _is_control(character: str) -> bool:
    """Control, bidirectional and other format characters, line and paragraph separators, surrogates."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _JOINERS


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _INVISIBLE


def _invalid(field: str, why: str) -> Invalid:
    return Invalid(why, fields={field: why})
