"""Guessing is slowed down; nobody is locked out."""

from collections.abc import Callable

import pytest

from app.accounts.throttle import Throttle
from app.core.errors import RateLimited
from tests.accounts.house import SetClock


def tries(attempt: Callable[[], object], most: int = 1_000) -> int:
    """How often in a row it may be tried."""
    for count in range(most):
        try:
            attempt()
        except RateLimited:
            return count
    return most


def test_one_address_gets_ten_guesses_at_an_account_and_then_one_every_half_minute() -> None:
    clock = SetClock()
    throttle = Throttle(clock)

    def guess() -> object:
        return throttle.admit_sign_in("marie", "203.0.113.7", None, seen_place=False)

    assert tries(guess) == 10
    with pytest.raises(RateLimited) as refused:
        guess()
    assert refused.value.retry_after == 30
    clock.advance(29)
    assert tries(guess) == 0
    clock.advance(1)
    assert tries(guess) == 1


def test_right_passwords_cost_nothing() -> None:
    throttle = Throttle(SetClock())
    assert tries(lambda: throttle.admit_sign_in("marie", "a", None, seen_place=False).forgive()) == 1_000


def test_an_attack_from_many_addresses_slows_strangers_only() -> None:
    throttle = Throttle(SetClock())
    addresses = iter(range(10_000))
    assert tries(lambda: throttle.admit_sign_in("marie", str(next(addresses)), None, seen_place=False)) == 100
    assert tries(lambda: throttle.admit_sign_in("marie", "home", None, seen_place=True)) == 10
    assert tries(lambda: throttle.admit_sign_in("marie", "anywhere", "her phone", seen_place=False)) == 10
    assert tries(lambda: throttle.admit_sign_in("minsu", "elsewhere", None, seen_place=False)) == 10


def test_an_attacker_at_ones_own_address_does_not_keep_a_known_browser_out() -> None:
    throttle = Throttle(SetClock())
    tries(lambda: throttle.admit_sign_in("marie", "cafe", None, seen_place=True))
    assert tries(lambda: throttle.admit_sign_in("marie", "cafe", "her phone", seen_place=True)) == 10


def test_one_address_cannot_try_many_accounts() -> None:
    throttle = Throttle(SetClock())
    names = iter(range(10_000))
    assert (
        tries(lambda: throttle.admit_sign_in(str(next(names)), "203.0.113.7", None, seen_place=False)) == 50
    )


def test_a_refused_attempt_takes_from_no_bucket() -> None:
    throttle = Throttle(SetClock())
    tries(lambda: throttle.admit_sign_in("marie", "a", None, seen_place=False))
    for _ in range(200):
        with pytest.raises(RateLimited):
            throttle.admit_sign_in("marie", "a", None, seen_place=False)
    assert tries(lambda: throttle.admit_sign_in("minsu", "a", None, seen_place=False)) == 10


def test_sign_ups_of_one_address_are_bounded() -> None:
    throttle = Throttle(SetClock())
    assert tries(lambda: throttle.admit_sign_up("203.0.113.7")) == 300
    assert tries(lambda: throttle.admit_sign_up("203.0.113.8")) == 300


def test_limits_can_be_switched_off() -> None:
    throttle = Throttle(SetClock(), enabled=False)
    assert tries(lambda: throttle.admit_sign_in("marie", "a", None, seen_place=False)) == 1_000
    assert tries(lambda: throttle.admit_sign_up("a")) == 1_000
