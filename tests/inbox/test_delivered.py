"""How far people's devices have acknowledged."""

import pytest

from app.core.ids import UserId
from app.inbox import delivered
from app.inbox.delivered import Delivered

ANN, BOB = UserId("a" * 16), UserId("b" * 16)


def test_nothing_is_delivered_to_somebody_unheard() -> None:
    assert Delivered().upto(ANN) == 0


def test_the_furthest_device_counts() -> None:
    noted = Delivered()
    for g in (5, 9, 7):
        noted.note(ANN, g)
    noted.note(BOB, 2)
    assert (noted.upto(ANN), noted.upto(BOB)) == (9, 2)


def test_of_too_many_people_the_longest_unheard_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivered, "MAX_PEOPLE", 2)
    noted = Delivered()
    for person in (ANN, BOB, ANN):
        noted.note(person, 1)
    noted.note(UserId("c" * 16), 1)
    assert (noted.upto(ANN), noted.upto(BOB)) == (1, 0)
