"""Leases of devices: what they add up to, when they end, and that nothing of them piles up."""

import random

import pytest

from app.core.ids import UserId
from app.presence.here import ACTIVE_SECONDS, GRACE_SECONDS, POLLED_SECONDS, SHELVES, Here, Visit
from app.presence.records import Record
from tests.store.world import SetClock

ANN = UserId("ann")


class Server:
    """Everybody may see everybody, at once."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.told: list[Record] = []
        self.here = Here("s-1", self.clock, self.told.append, lambda user: None)

    def arrive(self, active: bool = True) -> Visit:
        visit = self.here.arrive(ANN, active)
        self.here.set_visibility(ANN, "everyone")
        return visit

    def let_pass(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.ms += 1_000
            self.here.tick()

    @property
    def states(self) -> list[str]:
        return [record.state for record in self.told]

    def waiting(self) -> int:
        return sum(map(len, self.here._due.values()))


@pytest.fixture
def server() -> Server:
    return Server()


def test_leases_end_in_their_second_and_not_before(server: Server) -> None:
    visit = server.arrive()
    server.let_pass(ACTIVE_SECONDS - 1)
    assert server.states == ["online"]
    server.let_pass(1)
    assert server.states == ["online", "away"]
    server.here.leave(visit)
    server.let_pass(GRACE_SECONDS - 1)
    assert server.states == ["online", "away"]
    server.let_pass(1)
    assert server.states == ["online", "away", "offline"]
    assert len(server.here) == 0


def test_versions_grow_with_each_word(server: Server) -> None:
    visit = server.arrive()
    server.let_pass(ACTIVE_SECONDS)
    server.here.beat(visit, True)
    assert [record.version for record in server.told] == [1, 2, 3]


def test_a_machine_that_slept_sees_to_all_that_ended_meanwhile(server: Server) -> None:
    server.here.leave(server.arrive())
    server.clock.ms += 3_600_000
    server.here.tick()
    assert server.states == ["online", "offline"]


def test_one_who_came_back_is_not_forgotten_for_what_was_before(server: Server) -> None:
    server.here.leave(server.arrive())
    server.let_pass(GRACE_SECONDS)
    visit = server.arrive()
    for _ in range(6):
        server.let_pass(10)
        server.here.beat(visit, True)
        assert server.here.has(ANN)
    assert server.states == ["online", "offline", "online"]


def test_pages_loaded_again_and_again_beside_another_leave_nothing_behind(server: Server) -> None:
    staying = server.arrive()
    chance = random.Random(7)
    for _ in range(300):
        visit = server.here.arrive(ANN, chance.random() < 0.5)
        server.let_pass(chance.randrange(4))
        server.here.leave(visit)
        server.here.beat(staying, chance.random() < 0.3)
        server.let_pass(chance.randrange(4))
    assert server.waiting() < 2 * ACTIVE_SECONDS, "only leases that were put forward lately wait for nothing"
    server.here.beat(staying, True)
    server.let_pass(ACTIVE_SECONDS)
    assert server.waiting() == 0
    assert server.states[-1] == "away"


def test_polls_count_as_long_as_they_may_be_held(server: Server) -> None:
    server.here.polled(ANN, True)
    server.here.set_visibility(ANN, "everyone")
    server.let_pass(ACTIVE_SECONDS)
    server.let_pass(POLLED_SECONDS - ACTIVE_SECONDS)
    assert server.states == ["online", "away", "offline"]


def test_everybody_is_on_one_shelf_and_said_again_with_their_latest_activity(server: Server) -> None:
    visit = server.arrive()
    server.let_pass(10)
    server.here.beat(visit, True)
    again = [record for number in range(SHELVES) for record in server.here.shelf(number)]
    assert [(record.state, record.version, record.last_active_at) for record in again] == [
        ("online", 1, server.clock.ms)
    ]
    assert server.states == ["online"]
    assert server.here.record(ANN) == again[0]
