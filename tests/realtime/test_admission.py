"""Who may come in now, and when the others may ask again."""

import random

import pytest

from app.core.errors import Draining, MaruError, Unavailable
from app.realtime.admission import BURST_SECONDS, LONGEST_RETRY_SECONDS, Admission
from tests.accounts.house import SetClock

RATE = 100


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def admission(clock: SetClock) -> Admission:
    return Admission(clock, RATE, random.Random(1))


def come(admission: Admission, many: int) -> list[MaruError]:
    """The errors of those who were not let in."""
    refused: list[MaruError] = []
    for _ in range(many):
        try:
            admission.require_handshake()
        except MaruError as error:
            refused.append(error)
    return refused


def retry_after(error: MaruError) -> float:
    assert error.retry_after is not None
    return error.retry_after


def test_a_herd_gets_in_no_faster_than_is_set_and_nobody_is_kept_out(
    admission: Admission, clock: SetClock
) -> None:
    assert len(come(admission, 1_000)) == 1_000 - BURST_SECONDS * RATE
    clock.advance(1)
    assert len(come(admission, 1_000)) == 1_000 - RATE
    clock.advance(BURST_SECONDS)
    assert come(admission, BURST_SECONDS * RATE) == []


def test_those_who_were_sent_away_come_back_spread_over_the_time_it_takes_to_greet_them(
    admission: Admission,
) -> None:
    refused = come(admission, 1_000)
    assert all(isinstance(error, Unavailable) for error in refused)
    times = sorted(retry_after(error) for error in refused)
    assert times[0] >= 1
    assert 5 <= times[len(times) // 2] - times[0] <= 5 * 2 or times[-1] > 8
    assert times[-1] <= 2 + len(refused) / RATE


def test_however_many_come_nobody_is_sent_away_for_long(admission: Admission) -> None:
    assert max(retry_after(error) for error in come(admission, 20_000)) <= LONGEST_RETRY_SECONDS


def test_a_herd_that_is_over_is_forgotten(admission: Admission, clock: SetClock) -> None:
    come(admission, 5_000)
    clock.advance(60)
    refused = come(admission, BURST_SECONDS * RATE + 1)
    assert retry_after(refused[0]) <= 2 + 1 / RATE


def test_who_only_asks_takes_no_place(admission: Admission) -> None:
    for _ in range(10 * RATE):
        admission.require_calm()
    assert come(admission, BURST_SECONDS * RATE) == []
    with pytest.raises(Unavailable):
        admission.require_calm()


def test_while_it_goes_away_nobody_comes_in(admission: Admission) -> None:
    admission.draining = True
    for require in (admission.require_open, admission.require_handshake, admission.require_calm):
        with pytest.raises(Draining) as refused:
            require()
        assert 0.5 <= retry_after(refused.value) <= 1.5
    admission.draining = False
    admission.require_handshake()


def test_a_process_without_live_clients_says_so(clock: SetClock) -> None:
    with pytest.raises(Unavailable):
        Admission(clock, RATE, serves=False).require_open()
