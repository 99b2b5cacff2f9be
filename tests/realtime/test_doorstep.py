"""Those who come with a ticket: known once it was looked at, and not before."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.core.errors import Unavailable
from app.core.ids import SessionId, UserId
from app.realtime.connection import Connection
from app.realtime.doorstep import MOST_SAID, Doorstep, Stranger
from app.realtime.wire import HELLO_SECONDS
from tests.realtime.live import LiveHouse, RecordingTransport

PAGE = "https://chat.example.org"
HERE = "https://b.example.org"


@dataclass(frozen=True)
class Holder:
    user_id: UserId
    session_id: SessionId


class Porch:
    """A doorstep of a house, where tickets are looked at when the test says so."""

    def __init__(self) -> None:
        self.house = LiveHouse()
        (self.ann,) = self.house.world.people(1)
        self.tickets: dict[str, Holder] = {"good": Holder(self.ann, self.house.session())}
        self.looking: list[Callable[[], None]] = []
        self.away = False
        self.doorstep = Doorstep(self.redeem, self.looking.append, self.house.turns.after, PAGE)
        self.transport = RecordingTransport()
        self.connection: Any = None

    def redeem(self, ticket: str) -> Holder | None:
        if self.away:
            raise Unavailable("Redis is away.")
        return self.tickets.pop(ticket, None)

    def let_in(self, holder: Any) -> Any:
        self.connection = Connection(self.transport, self.house.desk, holder.user_id, holder.session_id)
        self.house.pulse.add(self.connection)
        return self.connection

    def meet(self) -> Stranger:
        return self.doorstep.meet(self.transport, self.let_in, HERE)

    def look(self) -> None:
        for looking in self.looking:
            looking()
        self.looking.clear()
        self.house.turns.run()

    @property
    def heard(self) -> list[str]:
        return [frame["type"] for frame in self.transport.frames]


@pytest.fixture
def porch() -> Porch:
    return Porch()


def hello(ticket: str | None) -> bytes:
    return json.dumps({"type": "hello", "cursor": None, "ticket": ticket}).encode()


def test_a_good_ticket_opens_and_what_was_said_behind_it_is_heard(porch: Porch) -> None:
    stranger = porch.meet()
    stranger.receive(hello("good"))
    stranger.receive(b'{"type":"read","channel_id":"%b","seq":0,"id":5}' % (b"0" * 16))
    assert porch.heard == []
    porch.look()
    assert (porch.connection.user_id, len(porch.house.pulse)) == (porch.ann, 1)
    assert set(porch.heard) >= {"welcome", "live"}
    assert 5 in [frame.get("id") for frame in porch.transport.frames]
    assert not porch.doorstep.strangers


@pytest.mark.parametrize("ticket", ["used", "", None])
def test_without_a_good_ticket_nobody_comes_in(porch: Porch, ticket: str | None) -> None:
    porch.meet().receive(hello(ticket))
    porch.look()
    assert porch.transport.closed == (4001, "unauthenticated")
    assert porch.heard == ["bye"]
    assert porch.connection is None
    assert not porch.doorstep.strangers


def test_while_tickets_cannot_be_looked_at_they_are_asked_to_come_again(porch: Porch) -> None:
    porch.away = True
    porch.meet().receive(hello("good"))
    porch.look()
    assert porch.transport.closed == (4029, "rate_limited")
    assert porch.transport.frames[-1]["after_ms"] > 0


@pytest.mark.parametrize("text", [b"no json", b'{"type":"nonsense"}', b'{"type":"heartbeat"}'])
def test_whoever_does_not_greet_first_is_sent_away(porch: Porch, text: bytes) -> None:
    porch.meet().receive(text)
    assert porch.transport.closed == (1008, "policy")


def test_what_is_said_before_the_ticket_was_looked_at_is_bounded(porch: Porch) -> None:
    stranger = porch.meet()
    stranger.receive(hello("good"))
    for _ in range(MOST_SAID):
        stranger.receive(b"{}")
    porch.look()
    assert porch.transport.closed == (1008, "policy")
    assert porch.connection is None


def test_who_went_while_the_ticket_was_looked_at_is_not_let_in(porch: Porch) -> None:
    stranger = porch.meet()
    stranger.receive(hello("good"))
    stranger.gone()
    porch.look()
    assert porch.connection is None
    assert porch.heard == []


def test_there_is_as_long_to_greet_as_for_everybody(porch: Porch) -> None:
    porch.meet()
    ((seconds, lose_patience),) = porch.house.turns.timers
    assert seconds == HELLO_SECONDS
    lose_patience()
    assert porch.transport.closed == (1008, "policy")


def test_patience_is_not_lost_with_who_greeted(porch: Porch) -> None:
    porch.meet().receive(hello("good"))
    ((_, lose_patience),) = porch.house.turns.timers
    lose_patience()
    porch.look()
    lose_patience()
    assert porch.transport.closed is None


@pytest.mark.parametrize(
    ("headers", "rings"),
    [
        ({"Origin": PAGE}, True),
        ({"Origin": PAGE, "Cookie": "maru_session=another"}, True),
        ({"Origin": PAGE, "Authorization": "Bearer x"}, False),
        ({}, True),
        ({"Cookie": "maru_session=mine"}, False),
        ({"Authorization": "Bearer x"}, False),
        ({"Origin": HERE}, False),
        ({"Origin": HERE, "Cookie": "maru_session=mine"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_only_the_page_and_programs_without_a_session_ring(
    porch: Porch, headers: dict[str, str], rings: bool
) -> None:
    assert porch.doorstep.is_for(headers) is rings
