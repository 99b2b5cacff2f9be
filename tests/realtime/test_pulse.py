"""The timer wheel: a beat every 25 s, an end for those who are silent."""

import pytest

from app.realtime.pulse import SILENT_ROUNDS
from app.realtime.wire import HEARTBEAT_SECONDS, HELLO_SECONDS
from tests.realtime.live import LiveHouse


@pytest.fixture
def house() -> LiveHouse:
    return LiveHouse()


def let_pass(house: LiveHouse, seconds: int) -> None:
    for _ in range(seconds):
        house.pulse.tick()


@pytest.mark.parametrize("into_the_wheel", range(0, HEARTBEAT_SECONDS, 6))
def test_who_does_not_greet_within_ten_seconds_is_closed_and_not_before(
    house: LiveHouse, into_the_wheel: int
) -> None:
    let_pass(house, into_the_wheel)
    (ann,) = house.world.people(1)
    client = house.connect(ann)
    let_pass(house, HELLO_SECONDS)
    assert client.transport.closed is None
    let_pass(house, 1)
    assert client.transport.closed == (1008, "policy")
    assert len(house.pulse) == 0


def test_everybody_hears_a_beat_in_every_25_seconds(house: LiveHouse) -> None:
    clients = []
    for person in house.world.people(30):
        clients.append(house.connect(person).hello())
        let_pass(house, 1)
    for client in clients:
        client.take()
        client.say({"type": "heartbeat"})
    let_pass(house, HEARTBEAT_SECONDS)
    assert [len(client.heard("heartbeat")) for client in clients] == [1] * 30


def test_those_who_came_together_do_not_beat_together(house: LiveHouse) -> None:
    """After a restart all come within seconds."""
    clients = [house.connect(person).hello() for person in house.world.people(500)]
    beats = []
    for _ in range(HEARTBEAT_SECONDS):
        before = sum(len(client.heard("heartbeat")) for client in clients)
        let_pass(house, 1)
        beats.append(sum(len(client.heard("heartbeat")) for client in clients) - before)
    assert sum(beats) == 500
    assert max(beats) < 100


def test_who_leaves_beats_unanswered_counts_as_dead(house: LiveHouse) -> None:
    silent, answering = (house.connect(person).hello() for person in house.world.people(2))
    for _ in range(SILENT_ROUNDS + 1):
        let_pass(house, HEARTBEAT_SECONDS)
        answering.say({"type": "heartbeat"})
    assert (silent.transport.closed, answering.transport.closed) == ((4008, "slow"), None)
    assert (len(house.pulse), house.listeners()) == (1, 1)


def test_one_that_breaks_does_not_keep_the_others_of_its_spoke_from_their_beat(
    house: LiveHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = (house.connect(person).hello() for person in house.world.people(2))
    monkeypatch.setattr(broken.transport, "send", None)
    let_pass(house, HEARTBEAT_SECONDS)
    assert (broken.transport.aborted, len(whole.heard("heartbeat"))) == (True, 1)
    assert "could not be served" in caplog.text


def test_who_ended_is_on_no_spoke(house: LiveHouse) -> None:
    clients = [house.connect(person) for person in house.world.people(3)]
    clients[0].hello().connection.gone()
    clients[1].connection.gone()
    assert house.pulse.all() == [clients[2].connection]
