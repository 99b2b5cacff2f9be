"""What a report says of a history."""

from tests.chaos import history as told
from tests.chaos.history import AnyRecord, History
from tests.chaos.report import recovery_seconds


def lost(at: float, device: str) -> told.Lost:
    return told.Lost(at=at, device=device, code=1006, reason="")


def test_a_recovery_is_from_the_end_of_a_fault_to_the_next_connection() -> None:
    records: list[AnyRecord] = [
        lost(1, "one"),
        lost(2, "other"),
        told.Connected(at=3, device="other", rung="poll"),
        told.Healed(at=4, fault="kill"),
        told.Healed(at=6, fault="cut"),
        told.Connected(at=9, device="one", rung="poll"),
    ]
    assert recovery_seconds(History(records)) == [5]


def test_a_device_that_its_person_put_away_is_not_waiting() -> None:
    records: list[AnyRecord] = [
        lost(1, "one"),
        told.Healed(at=4, fault="kill"),
        told.PutAway(at=5, device="one"),
        told.Connected(at=90, device="one", rung="poll"),
    ]
    assert recovery_seconds(History(records)) == []
