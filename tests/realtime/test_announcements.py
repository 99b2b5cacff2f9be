"""What every process must hear about people, with the broker and without."""

from collections.abc import Callable, Iterable

import pytest

from app.bus.local_broker import LocalBroker
from app.core.errors import Unavailable
from app.core.ids import SessionId, UserId
from tests.realtime.live import LiveHouse, user_called


class Sessions:
    """What the database knows of sessions, and what was forgotten here."""

    def __init__(self, over: set[SessionId]) -> None:
        self.over = over
        self.forgotten: list[SessionId] = []
        self.asked: list[set[SessionId]] = []
        self.away = False

    def forget(self, session_id: SessionId) -> None:
        self.forgotten.append(session_id)

    def ended(self, session_ids: Iterable[SessionId]) -> set[SessionId]:
        if self.away:
            raise Unavailable("The database cannot be used right now; try again.", retry_after=1)
        self.asked.append(set(session_ids))
        return self.over & self.asked[-1]


class Directory:
    def __init__(self) -> None:
        self.forgotten: list[UserId | None] = []

    def forget(self, user_id: UserId) -> None:
        self.forgotten.append(user_id)

    def forget_everybody(self) -> None:
        self.forgotten.append(None)


class Two:
    """Two processes on one database, each with a connection of Ann's and the broker between them."""

    def __init__(self) -> None:
        self.broker = LocalBroker()
        self.over: set[SessionId] = set()
        self.houses = [LiveHouse(broker=self.broker)]
        self.houses.append(LiveHouse(store=self.houses[0].store, broker=self.broker))
        self.sessions = [Sessions(self.over), Sessions(self.over)]
        self.people = [Directory(), Directory()]
        self.later: list[Callable[[], None]] = []
        for house, sessions, people in zip(self.houses, self.sessions, self.people, strict=True):
            house.announcements.listen(sessions, people, self.later.append)
        self.broker.start()
        self.ann = self.houses[0].world.person()
        self.session, self.another = SessionId("a" * 16), SessionId("b" * 16)
        self.clients = [house.connect(self.ann, self.session).hello() for house in self.houses]
        self.kept = [house.connect(self.ann, self.another).hello() for house in self.houses]

    def end_session(self) -> None:
        """In the first process."""
        self.over.add(self.session)
        self.houses[0].announcements.session_ended(self.session)

    def closed(self) -> list[tuple[int, str] | None]:
        return [client.transport.closed for client in self.clients]


REVOKED = (4003, "revoked")


@pytest.fixture
def two() -> Two:
    return Two()


def test_ending_a_session_closes_its_connections_in_every_process_and_no_others(two: Two) -> None:
    two.end_session()
    assert two.closed() == [REVOKED, REVOKED]
    assert [client.transport.closed for client in two.kept] == [None, None]
    assert [client.heard("bye")[0]["code"] for client in two.clients] == ["revoked", "revoked"]
    assert two.session in two.sessions[1].forgotten


def test_it_closes_those_too_that_have_yet_to_greet_or_are_catching_up(two: Two) -> None:
    waiting = [house.connect(two.ann, two.session) for house in two.houses]
    waiting[0].connection.receive(b'{"type":"hello"}')
    two.end_session()
    assert [client.transport.closed for client in waiting] == [REVOKED, REVOKED]


def test_without_the_broker_the_database_is_asked(two: Two) -> None:
    two.broker.stop()
    two.end_session()
    assert two.closed() == [REVOKED, None]
    two.houses[1].announcements.look(two.sessions[1])
    assert two.closed() == [REVOKED, REVOKED]
    assert two.sessions[1].asked == [{two.session, two.another}]
    assert two.sessions[1].forgotten == [two.session]


def test_a_database_that_is_away_is_asked_again(two: Two) -> None:
    two.over.add(two.session)
    two.sessions[0].away = True
    two.houses[0].announcements.look(two.sessions[0])
    assert not two.sessions[0].forgotten
    two.sessions[0].away = False
    two.houses[0].announcements.look(two.sessions[0])
    assert two.sessions[0].forgotten == [two.session]


def test_the_database_is_not_asked_about_nobody() -> None:
    sessions = Sessions(set())
    LiveHouse().announcements.look(sessions)
    assert sessions.asked == []


def test_what_was_announced_while_the_broker_was_away_is_found_out_when_it_is_back(two: Two) -> None:
    two.broker.stop()
    two.end_session()
    two.people[1].forgotten.clear()
    two.later.clear()
    two.broker.start()
    for work in two.later:
        work()
    assert two.closed() == [REVOKED, REVOKED]
    assert two.people[1].forgotten == [None]


def test_a_changed_profile_is_read_again_by_every_process(two: Two) -> None:
    two.houses[0].announcements.user_changed(user_called(two.ann, "민지 2"))
    assert two.people[1].forgotten[-1] == two.ann
    assert [len(client.heard("user")) for client in two.clients] == [1, 1]
