"""A day's portion of work is done once a day."""

from app.jobs.daily import Daily
from tests.accounts.house import SetClock


def test_a_portion_is_done_page_by_page_and_not_again_before_tomorrow() -> None:
    clock, left, cursor = SetClock(), [True, True, False], ""
    daily = Daily(clock, [lambda: left.pop(0)])
    for _ in range(3):
        cursor = daily.work(cursor) or "nothing"
    assert left == []
    assert daily.work(cursor) is None
    clock.advance(24 * 60 * 60)
    left.append(False)
    assert daily.work(cursor) not in (None, cursor)
    assert left == []


def test_one_portion_that_is_done_does_not_keep_the_others_from_going_on() -> None:
    much, done = [True, False], []
    daily = Daily(SetClock(), [lambda: bool(done.append(1)), lambda: much.pop(0)])
    first = daily.work("")
    assert first == ""
    assert daily.work(first) not in (None, "")
    assert (much, len(done)) == ([], 2)
