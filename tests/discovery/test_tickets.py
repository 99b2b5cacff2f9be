"""Tickets are good once, for a minute, for whom they were given to."""

from collections.abc import Iterable

import pytest

from app.bus.local_leases import LocalLeases
from app.core.ids import SessionId, UserId
from app.discovery.tickets import TICKET_SECONDS, Holder, Tickets
from tests.accounts.house import SetClock
from tests.rest import MINJI, SignedIn


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def leases(clock: SetClock) -> LocalLeases:
    return LocalLeases(clock)


def nobody(session_ids: Iterable[SessionId]) -> set[SessionId]:
    """No session was ended."""
    return set()


def given(tickets: Tickets) -> str:
    ticket = tickets.issue(SignedIn(MINJI))
    assert ticket is not None
    return ticket


def test_a_ticket_stands_for_who_got_it_once(leases: LocalLeases) -> None:
    tickets = Tickets(leases, nobody)
    ticket = given(tickets)
    assert Tickets(leases, nobody).redeem(ticket) == Holder(UserId(MINJI), SessionId("00000000000000ff"))
    assert tickets.redeem(ticket) is None


def test_a_ticket_is_good_for_a_minute(leases: LocalLeases, clock: SetClock) -> None:
    tickets = Tickets(leases, nobody)
    in_time, late = given(tickets), given(tickets)
    clock.advance(TICKET_SECONDS - 1)
    assert tickets.redeem(in_time) is not None
    clock.advance(2)
    assert tickets.redeem(late) is None


def test_what_nobody_gave_is_no_ticket(leases: LocalLeases) -> None:
    tickets = Tickets(leases, nobody)
    given(tickets)
    assert tickets.redeem("") is tickets.redeem("x" * 43) is None


def test_nobody_who_reads_the_keys_finds_a_ticket_there(clock: SetClock) -> None:
    class Watched(LocalLeases):
        def put(self, key: bytes, value: bytes, seconds: int) -> None:
            kept.append(key + value)
            super().put(key, value, seconds)

    kept: list[bytes] = []
    ticket = given(Tickets(Watched(clock), nobody))
    assert kept
    assert ticket.encode() not in kept[0]


def test_while_the_keys_are_out_of_reach_there_is_no_ticket(leases: LocalLeases) -> None:
    leases.away = True
    assert Tickets(leases, nobody).issue(SignedIn(MINJI)) is None


def test_a_ticket_of_a_session_that_was_ended_since_is_good_for_nothing(leases: LocalLeases) -> None:
    ticket = given(Tickets(leases, nobody))
    assert Tickets(leases, set).redeem(ticket) is None
