"""Places for work that waits by yielding."""

import gevent
import pytest
from gevent.event import Event

from app.core.errors import Conflict, Unavailable
from app.core.greenlets import Greenlets


def test_work_runs_in_the_greenlet_that_asks_and_its_result_or_error_comes_back() -> None:
    places = Greenlets(at_once=1, waiting=0, seconds=10)
    assert places.run(gevent.getcurrent) is gevent.getcurrent()

    def fail() -> None:
        raise Conflict("taken")

    with pytest.raises(Conflict, match="taken"):
        places.run(fail)
    assert places.run(lambda: "next") == "next"
    places.close()


def test_so_many_work_at_once_so_many_wait_and_the_next_is_refused() -> None:
    places, release, working = Greenlets(at_once=2, waiting=1, seconds=10), Event(), []

    def work() -> None:
        working.append(1)
        release.wait()

    taken = [gevent.spawn(places.run, work) for _ in range(3)]
    gevent.sleep(0)
    assert len(working) == 2
    with pytest.raises(Unavailable) as refused:
        places.run(lambda: None)
    assert refused.value.retry_after
    release.set()
    gevent.joinall(taken, raise_error=True)
    assert len(working) == 3
    assert places.run(lambda: "done") == "done"


def test_what_takes_too_long_is_ended_and_leaves_its_place() -> None:
    places, ended = Greenlets(at_once=1, waiting=1, seconds=0.01), []

    def hang() -> None:
        try:
            Event().wait()
        except Exception:  # noqa: BLE001  # what catches errors must not keep it from ending
            ended.append("caught")
        finally:
            ended.append("ended")

    hanging = gevent.spawn(places.run, hang)
    waiting = gevent.spawn(places.run, hang)
    for greenlet in (hanging, waiting):
        with pytest.raises(Unavailable):
            greenlet.get()
    assert ended == ["ended"]
    assert places.run(lambda: "next") == "next"


def test_a_timeout_of_somebody_else_is_not_taken_for_its_own() -> None:
    places = Greenlets(at_once=1, waiting=0, seconds=10)
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.01):
        places.run(lambda: Event().wait())
    assert places.run(lambda: "next") == "next"
