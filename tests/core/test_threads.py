"""Native threads for blocking work."""

import threading
import time

import gevent
import pytest
from gevent.event import Event

from app.core.errors import Conflict, Unavailable
from app.core.threads import NativeThreads


def test_work_runs_in_another_thread_and_its_result_comes_back() -> None:
    threads = NativeThreads(threads=1, waiting=0)
    assert threads.run(threading.get_ident) != threading.get_ident()
    assert threads.run(lambda: None) is None
    threads.close()


def test_an_error_of_the_work_is_raised_where_it_was_asked_for_and_printed_nowhere(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise Conflict("taken")

    threads = NativeThreads(threads=1, waiting=0)
    with pytest.raises(Conflict, match="taken"):
        threads.run(fail)
    threads.close()
    assert capfd.readouterr().err == ""


def test_the_event_loop_goes_on_while_work_blocks() -> None:
    threads = NativeThreads(threads=1, waiting=0)
    turns: list[float] = []
    release = threading.Event()

    def tick() -> None:
        while len(turns) < 5:
            turns.append(time.monotonic())
            gevent.sleep(0)
        release.set()

    gevent.spawn(tick)
    assert threads.run(lambda: release.wait(timeout=10))
    threads.close()


def test_what_finds_no_place_to_wait_is_refused_at_once_and_places_become_free_again() -> None:
    threads = NativeThreads(threads=1, waiting=1)
    release, started = threading.Event(), Event()

    def wait() -> bool:
        started.set()
        return threads.run(lambda: release.wait(10))

    taken = [gevent.spawn(wait) for _ in range(2)]
    started.wait(10)
    gevent.sleep(0)
    with pytest.raises(Unavailable) as refused:
        threads.run(lambda: None)
    assert refused.value.retry_after
    release.set()
    gevent.joinall(taken, timeout=10)
    assert threads.run(lambda: "done") == "done"
    threads.close()
