"""A record is kept before it is told; what cannot be said now is said later, and only the latest."""

from collections.abc import Callable

import pytest

from app.bus.local_broker import LocalBroker
from app.bus.local_leases import LocalLeases
from app.core.ids import UserId
from app.presence import telling
from app.presence.keeping import Records, topic
from app.presence.records import Record, decode_record
from app.presence.telling import Telling
from tests.store.world import SetClock

ANN, BEN = UserId("ann"), UserId("ben")


class House:
    def __init__(self) -> None:
        self.broker, self.leases = LocalBroker(), LocalLeases(SetClock())
        self.broker.start()
        self.records = Records(self.leases, "s-1")
        self.spawned: list[Callable[[], None]] = []
        self.telling = Telling(self.broker, self.records, self.spawned.append)
        self.heard: list[tuple[str, int, bool]] = []
        """Of each word: the state, the version, and whether it was kept by then."""
        for user in (ANN, BEN):
            self.broker.subscribe(topic(user), self._hear)

    def _hear(self, payload: bytes) -> None:
        record = decode_record(payload)
        kept = self.records.read([record.user_id])[record.user_id]
        self.heard.append((record.state, record.version, record in (*kept.records, kept.seen)))

    def run(self) -> None:
        while self.spawned:
            self.spawned.pop(0)()


@pytest.fixture
def house() -> House:
    return House()


def word(user: UserId, version: int, state: str = "online") -> Record:
    return Record(user, "s-1", version, state, 1_000, "everyone")  # type: ignore[arg-type]


def test_what_is_told_is_kept_already(house: House) -> None:
    house.telling.tell(word(ANN, 1))
    house.telling.tell(word(BEN, 2, "offline"))
    assert len(house.spawned) == 1
    house.run()
    assert house.heard == [("online", 1, True), ("offline", 2, True)]


def test_of_several_words_about_a_person_in_one_turn_the_last_is_told(house: House) -> None:
    for version, state in enumerate(["online", "away", "online", "away"]):
        house.telling.tell(word(ANN, version, state))
    house.run()
    assert house.heard == [("away", 3, True)]


def test_what_cannot_be_said_is_said_when_it_can(house: House) -> None:
    house.leases.away = True
    house.telling.tell(word(ANN, 1))
    house.run()
    house.telling.tell(word(ANN, 2, "away"))
    house.run()
    assert house.heard == []
    house.leases.away = False
    house.telling.go_on()
    house.run()
    assert house.heard == [("away", 2, True)]
    house.telling.go_on()
    assert house.spawned == []


def test_what_waits_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MAX_PENDING", 1)
    house.telling.tell(word(ANN, 1))
    house.telling.tell(word(BEN, 2))
    house.run()
    assert [version for _, version, _ in house.heard] == [2]


def test_what_is_kept_again_is_told_to_nobody_and_never_instead_of_news(house: House) -> None:
    house.telling.tell(word(ANN, 2, "away"))
    house.telling.keep([word(ANN, 1), word(BEN, 1)])
    house.run()
    assert house.heard == [("away", 2, True)]
    found = house.records.read([ANN, BEN])
    assert [record.version for record in (*found[ANN].records, *found[BEN].records)] == [2, 1]
    assert found[BEN].seen is not None, "when somebody was last active is kept in case this server dies"
