"""Which passwords are taken, and their hashes."""

import unicodedata
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from app.accounts.passwords import Passwords, argon2id
from app.core.errors import Invalid
from app.core.threads import NativeThreads
from tests.accounts.house import CHEAP


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    threads = NativeThreads(1, 1)
    yield Passwords(threads, CHEAP)
    threads.close()


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "x7#kQ!9zLp", "나는 오늘 점심을 먹었다", "k3" * 2 + "_w9vTz", "v" + "ab3x" * 249 + "efg",
     "test-password-123", "maru is a wooden hall", "marie loves chemistry"],
)  # fmt: skip
def test_ten_to_a_thousand_characters_that_nobody_guesses_are_a_password(
    passwords: Passwords, password: str
) -> None:
    passwords.require_good(password, "marie", "Marie Curie")


@pytest.mark.parametrize(
    "password",
    ["", "x7#kQ!9zL", "ab3x" * 250 + "e", "password123", "Password1234!", "QWERTYUIOP", "1234567890", "aaaaaaaaaaaa",
     "1212121212", "iloveyou2024", "marie123456", "!!MARIE!!1867", "mariemarie1", "MarieCurie1867", "maru123456",
     "마루마루1234567", "1q2w3e4r5t", "비밀번호1234567", "a" * 300_000],
)  # fmt: skip
def test_short_long_common_and_personal_passwords_are_refused(passwords: Passwords, password: str) -> None:
    with pytest.raises(Invalid) as error:
        passwords.require_good(password, "marie", "Marie Curie")
    assert list(error.value.fields) == ["password"]


def test_length_counts_characters_not_bytes_nor_how_they_were_composed(passwords: Passwords) -> None:
    decomposed = unicodedata.normalize("NFD", "가나다라마바사아자")
    assert len(decomposed) > 10
    with pytest.raises(Invalid):
        passwords.require_good(decomposed, "marie", "Marie")


def test_a_hash_is_argon2id_and_knows_its_password_only(passwords: Passwords) -> None:
    hashed = passwords.hash("correct horse battery")
    assert extract_parameters(hashed).type is Type.ID
    assert passwords.verify(hashed, "correct horse battery")
    assert not passwords.verify(hashed, "correct horse batterY")
    assert not passwords.verify(hashed, "correct horse battery ")


def test_it_does_not_matter_how_an_accent_was_composed(passwords: Passwords) -> None:
    hashed = passwords.hash(unicodedata.normalize("NFD", "Überraschung 7"))
    assert passwords.verify(hashed, unicodedata.normalize("NFC", "Überraschung 7"))


def test_nobodys_password_is_never_right(passwords: Passwords) -> None:
    assert not passwords.verify(None, "nobody's password")


def test_a_hash_of_other_parameters_is_outdated_and_still_checked(passwords: Passwords) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("correct horse battery")
    assert passwords.is_outdated(old)
    assert passwords.verify(old, "correct horse battery")
    assert not passwords.is_outdated(passwords.hash("correct horse battery"))


def test_the_parameters_are_owasps() -> None:
    parameters = extract_parameters(argon2id().hash("correct horse battery"))
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19_456, 2, 1)
