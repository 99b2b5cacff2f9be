"""One of all processes does each job, whatever becomes of the others."""

import itertools
import logging
from collections.abc import Callable

import gevent
import pytest
from gevent.event import Event

from app.core.errors import Unavailable
from app.jobs.claims import Claim
from tests.jobs.office import Office, Tally

OpenOffice = Callable[..., Office]


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def two(open_office: OpenOffice, tally: Tally) -> tuple[Office, Office]:
    """Two processes; the first one works, and has done what there was."""
    one, other = open_office("one", tally=tally), open_office("other", tally=tally)
    one.look()
    one.wait_until(lambda: one.cursor == str(tally.bound))
    other.look()
    return one, other


def owner(office: Office) -> str | None:
    """Who does the job, as all see it."""
    return office.claims.all()["tally"].owner


def test_of_two_processes_one_does_the_job_page_after_page(two: tuple[Office, Office], tally: Tally) -> None:
    one, other = two
    assert (one.works, other.works) == (True, False)
    assert tally.done == [("one", 1), ("one", 2), ("one", 3)]


def test_whoever_shows_signs_of_life_keeps_the_job(two: tuple[Office, Office]) -> None:
    one, other = two
    for _ in range(10):
        for office in two:
            office.clock.advance(5)
            office.look()
    assert (one.works, other.works) == (True, False)


def test_whoever_is_silent_for_a_lease_is_taken_over_and_the_other_goes_on_where_it_stopped(
    two: tuple[Office, Office], tally: Tally
) -> None:
    _, other = two
    tally.bound = 5
    other.clock.advance(14.9)
    other.look()
    assert not other.works
    other.clock.advance(0.1)
    other.look()
    other.wait_until(lambda: len(tally.done) == 5)
    assert tally.done[3:] == [("other", 4), ("other", 5)]


def test_who_was_stopped_for_a_while_does_nothing_more_and_moves_no_cursor(
    two: tuple[Office, Office], tally: Tally
) -> None:
    one, other = two
    other.clock.advance(15)
    other.look()
    assert other.works
    tally.bound = 9
    assert one.works  # to its own knowledge
    assert not one.claims.save("tally", "77")
    one.clock.advance(20)
    one.runner.wake("tally")
    one.wait_until(lambda: not one.works)
    other.runner.wake("tally")
    other.wait_until(lambda: other.cursor == "9")
    assert tally.pages == list(range(1, 10))
    assert {office for office, page in tally.done if page > 3} == {"other"}


def test_who_was_taken_over_in_the_middle_of_a_page_stops_after_it(
    two: tuple[Office, Office], tally: Tally
) -> None:
    one, other = two

    def be_taken_over(office: str) -> None:
        if office == "one":
            other.clock.advance(15)
            other.look()

    tally.bound, tally.meanwhile = 6, be_taken_over
    one.runner.wake("tally")
    one.wait_until(lambda: other.works and other.cursor == "6" and not one.works)
    assert tally.pages.count(4) == 2  # once each: a page may be done again, and must bear it
    assert [page for office, page in tally.done if office == "other"] == [4, 5, 6]


def test_who_learns_that_it_was_taken_over_says_so_and_may_take_over_again(
    two: tuple[Office, Office], caplog: pytest.LogCaptureFixture
) -> None:
    one, other = two
    other.clock.advance(15)
    other.look()
    one.look()
    assert (one.works, other.works) == (False, True)
    assert "our lease is over" in caplog.text
    one.look()
    one.clock.advance(15)
    one.look()
    other.look()
    assert (one.works, other.works) == (True, False)


def test_an_orderly_stop_finishes_the_page_and_lets_another_go_on_at_once(
    two: tuple[Office, Office], tally: Tally
) -> None:
    one, other = two
    begun, go_on = Event(), Event()

    def wait(office: str) -> None:
        if office == "one":
            begun.set()
            go_on.wait()

    tally.bound, tally.meanwhile = 6, wait
    one.runner.wake("tally")
    begun.wait()
    stopping = gevent.spawn(one.runner.stop)
    gevent.sleep(0)
    go_on.set()
    stopping.get()
    assert tally.done[-1] == ("one", 4)
    assert one.left == 1
    other.look()
    other.wait_until(lambda: len(tally.done) == 6)
    assert tally.done[4:] == [("other", 5), ("other", 6)]


def test_somebody_who_comes_when_nobody_ever_did_the_job_takes_it_once(
    open_office: OpenOffice, tally: Tally
) -> None:
    one, other = open_office("one", tally=tally), open_office("other", tally=tally)
    assert one.claims.take("tally", None) == ""
    assert other.claims.take("tally", None) is None
    assert other.claims.all() == {"tally": Claim("one", 1)}


def test_a_claim_that_changed_since_it_was_seen_cannot_be_taken(two: tuple[Office, Office]) -> None:
    one, other = two
    seen = other.claims.all()["tally"]
    one.claims.renew(["tally"])
    assert other.claims.take("tally", seen) is None
    assert other.claims.take("tally", other.claims.all()["tally"]) == "3"


def test_work_that_fails_is_tried_again_by_whoever_can_and_never_dropped(
    two: tuple[Office, Office], tally: Tally, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = two
    tally.bound, tally.failing = 4, ValueError("no route")
    one.runner.wake("tally")
    one.wait_until(lambda: owner(one) is None)
    assert "no route" in caplog.text
    one.look()
    assert not one.works  # it rests
    other.look()
    other.wait_until(lambda: caplog.text.count("the job tally failed") == 2 and owner(one) is None)
    tally.failing = None
    one.clock.advance(1)
    one.look()
    one.wait_until(lambda: tally.pages == [1, 2, 3, 4])


def test_after_each_failure_it_rests_longer_up_to_a_minute(
    open_office: OpenOffice, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda _least, most: most)
    office, tally.failing = open_office("one", tally=tally), ValueError("never")
    tries: list[float] = []
    tally.meanwhile = lambda _office: tries.append(office.clock.monotonic())
    while len(tries) < 8:
        office.look()
        office.wait_until(lambda: owner(office) is None)
        office.clock.advance(0.5)
    rests = [after - before for before, after in itertools.pairwise(tries)]
    assert rests == pytest.approx([1, 2, 4, 8, 16, 32, 60])


def test_a_store_that_is_away_is_one_line_and_no_traceback(
    two: tuple[Office, Office], tally: Tally, caplog: pytest.LogCaptureFixture
) -> None:
    tally.bound, tally.failing = 4, Unavailable("The store is away.")
    two[0].runner.wake("tally")
    two[0].wait_until(lambda: not two[0].works)
    (line,) = [record for record in caplog.records if "could not go on" in record.message]
    assert line.levelno == logging.WARNING
    assert line.exc_info is None


def test_a_page_that_hangs_loses_its_lease_and_is_not_begun_again_before_it_ends(
    two: tuple[Office, Office], tally: Tally
) -> None:
    one, other = two
    go_on = Event()

    def hang(office: str) -> None:
        if office == "one":
            go_on.wait()

    tally.bound, tally.meanwhile = 5, hang
    one.runner.wake("tally")
    gevent.sleep(0)
    for _ in range(12):
        one.live(5)
        other.live(5)
    assert (one.works, other.works) == (True, False)  # a minute is allowed
    for _ in range(4):
        one.live(5)
        other.live(5)
    other.wait_until(lambda: other.cursor == "5")
    one.look()
    other.runner.stop()
    one.look()
    assert not one.works  # the old page is still at hand
    go_on.set()
    one.wait_until(lambda: one.look() or one.works)
    assert one.cursor == "5"


def test_started_it_looks_by_itself_and_is_woken_for_work_and_for_free_jobs(
    open_office: OpenOffice, tally: Tally
) -> None:
    one, other = open_office("one", tally=tally), open_office("other", tally=tally)
    one.runner.start()
    one.wait_until(lambda: len(tally.done) == 3)
    other.runner.start()
    tally.bound = 4
    one.runner.hear(b"tally")
    one.wait_until(lambda: len(tally.done) == 4)
    one.runner.hear(b"of a newer version")
    one.runner.stop()
    tally.bound = 5
    other.runner.hear(b"")
    other.wait_until(lambda: len(tally.done) == 5)
    assert tally.done[3:] == [("one", 4), ("other", 5)]
