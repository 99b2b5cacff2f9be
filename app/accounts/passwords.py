"""Passwords: which are too easy to guess, and their hashes, made off the event loop."""

import unicodedata
from collections.abc import Collection
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.core.errors import Invalid
from app.core.threads import NativeThreads

PASSWORD_LENGTH = range(10, 1001)
FEWEST_DIFFERENT = 4  # characters; below that it is a repetition ("abababab…")
_COMMON = Path(__file__).with_name("common_passwords.txt")
_PRODUCT = ("maru", "마루")


def argon2id() -> PasswordHasher:
    """OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. Not RFC 9106's second choice (64 MiB, 4 lanes):
    a small machine could be kept busy by a handful of sign-ins."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Passwords:
    """Hashes and checks passwords on native threads; Unavailable when too many wait.

    Passwords are compared as typed, in NFC, so that it does not matter which keyboard composed an accent or syllable.
    """

    def __init__(self, threads: NativeThreads, hasher: PasswordHasher) -> None:
        self._threads = threads
        self._hasher = hasher
        self._common = _read_common()
        self._nobodys_hash = hasher.hash("nobody's password")

    def require_good(self, typed: str, username: str, display_name: str) -> None:
        """10–1,000 characters; not common, not a repetition, not a name with digits around it. Raises Invalid."""
        password = _normal(typed)
        if len(password) not in PASSWORD_LENGTH:
            raise _invalid("A password has at least 10 characters, and at most 1,000.")
        if self._is_easy(password.casefold(), (username, display_name)):
            raise _invalid("This password is among the first that would be guessed. Choose another one.")

    def hash(self, password: str) -> str:
        normal = _normal(password)
        return self._threads.run(lambda: self._hasher.hash(normal))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one of the hash. None, for nobody: the same work, and False."""
        normal = _normal(password)
        return self._threads.run(lambda: self._matches(password_hash or self._nobodys_hash, normal)) and (
            password_hash is not None
        )

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False

    def _is_easy(self, password: str, names: Collection[str]) -> bool:
        if len(set(password)) < FEWEST_DIFFERENT or password in self._common:
            return True
        word = _letters(password)
        taken = [_letters(name.casefold()) for name in (*names, *_PRODUCT)]
        return word in self._common or any(_repeats(word, name) for name in taken if name)


def _normal(password: str) -> str:
    """Over-long ones stay as they are: they are refused, or nobody's, and normalising is quadratic in marks."""
    return unicodedata.normalize("NFC", password) if len(password) <= 2 * PASSWORD_LENGTH[-1] else password


def _letters(text: str) -> str:
    """What remains of "alice1234!" without digits and signs: the part that is guessed first."""
    return "".join(filter(str.isalpha, text))


def _repeats(word: str, name: str) -> bool:
    return len(word) >= len(name) and word == name * (len(word) // len(name))


def _read_common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _invalid(why: str) -> Invalid:
    return Invalid(why, fields={"password": why})
