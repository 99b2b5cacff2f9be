"""Everybody watched is read again: slowly as a rule, soon after a loss."""

from app.core.ids import UserId
from app.presence.rounds import SLOW_SECONDS, SOON_SECONDS, Rounds
from app.presence.sights import UNSURE_SECONDS
from tests.store.world import SetClock

PEOPLE = {UserId(f"{number}"): None for number in range(1_000)}


def seconds(rounds: Rounds, clock: SetClock, count: int) -> list[list[UserId]]:
    picked = []
    for _ in range(count):
        clock.ms += 1_000
        picked.append(list(rounds.due(PEOPLE)))
    return picked


def test_everybody_is_read_once_in_a_slow_round_a_few_each_second() -> None:
    clock = SetClock()
    picked = seconds(Rounds(clock), clock, SLOW_SECONDS)
    assert sorted(user for some in picked for user in some) == sorted(PEOPLE)
    assert max(map(len, picked)) == -(-len(PEOPLE) // SLOW_SECONDS)


def test_a_few_people_are_not_read_every_second() -> None:
    clock = SetClock()
    rounds = Rounds(clock)
    some = {UserId("ann"): None}
    read = 0
    for _ in range(SLOW_SECONDS * 3):
        clock.ms += 1_000
        read += len(list(rounds.due(some)))
    assert 2 <= read <= 3


def test_after_a_loss_everybody_is_read_within_seconds_but_not_before_servers_could_write() -> None:
    clock = SetClock()
    rounds = Rounds(clock)
    rounds.begin_anew(PEOPLE)
    before = seconds(rounds, clock, UNSURE_SECONDS - 1)
    after = seconds(rounds, clock, SOON_SECONDS + 1)
    assert sum(map(len, before)) < 50
    assert {user for some in before + after for user in some} == set(PEOPLE)
    assert max(map(len, seconds(rounds, clock, 60))) < 10


def test_who_is_not_watched_any_more_is_passed_over() -> None:
    clock = SetClock()
    rounds = Rounds(clock)
    rounds.begin_anew([UserId("gone"), *PEOPLE])
    picked = seconds(rounds, clock, UNSURE_SECONDS + SOON_SECONDS + 2)
    assert UserId("gone") not in {user for some in picked for user in some}
