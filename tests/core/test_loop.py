"""The event loop as the program sees it."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from app.core.loop import EventLoop

DEADLINE_SECONDS = 20.0


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        gevent.sleep(0.001)


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.stop()


def fail() -> None:
    raise RuntimeError("not today")


def test_soon_is_after_what_is_running_and_in_order(loop: EventLoop) -> None:
    done: list[int] = []
    for number in range(3):
        loop.soon(lambda number=number: done.append(number))  # type: ignore[misc]
    assert done == []
    until(lambda: done)
    assert done == [0, 1, 2]


def test_work_of_the_next_turn_that_asks_for_itself_does_not_keep_the_loop_from_its_sockets(
    loop: EventLoop,
) -> None:
    """As `soon` does: a thousand callbacks run before the loop looks at its sockets."""
    near, far = socket.socketpair()
    turns_until_read: list[int] = []
    turns = 0

    def work() -> None:
        nonlocal turns
        turns += 1
        if turns == 10:
            far.send(b"x")
        if not turns_until_read and turns < 10_000:
            loop.next_turn(work)

    watcher = loop.native.io(near.fileno(), 1)
    watcher.start(lambda: turns_until_read.append(turns) or watcher.stop())
    loop.next_turn(work)
    until(lambda: turns_until_read)
    watcher.close()
    near.close()
    far.close()
    assert 10 <= turns_until_read[0] <= 13


def test_a_timer_rings_once(loop: EventLoop) -> None:
    rings: list[int] = []
    loop.after(0.001, lambda: rings.append(1))
    loop.after(0.05, lambda: rings.append(2))
    until(lambda: 2 in rings)
    assert rings == [1, 2]
    assert loop._timers == set()


def test_what_rings_again_and_again_survives_its_own_faults(
    loop: EventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    rings: list[int] = []
    loop.every(0.001, lambda: rings.append(1) or fail())  # type: ignore[func-returns-value]
    until(lambda: len(rings) >= 3)
    assert "not today" in caplog.text


@pytest.mark.parametrize("how", ["soon", "next_turn", "spawn"])
def test_a_fault_is_written_down_and_ends_nothing_else(
    loop: EventLoop, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []
    getattr(loop, how)(fail)
    getattr(loop, how)(lambda: done.append(1))
    until(lambda: done)
    assert "not today" in caplog.text


def test_spawned_work_may_wait(loop: EventLoop) -> None:
    done: list[str] = []

    def wait() -> None:
        gevent.sleep(0.01)
        done.append("waited")

    loop.spawn(wait)
    loop.soon(lambda: done.append("meanwhile"))
    until(lambda: len(done) == 2)
    assert done == ["meanwhile", "waited"]


def test_after_stopping_no_timer_rings(loop: EventLoop) -> None:
    rings: list[int] = []
    loop.every(0.001, lambda: rings.append(1))
    loop.after(0.001, lambda: rings.append(1))
    loop.stop()
    gevent.sleep(0.02)
    assert rings == []


def test_what_holds_the_loop_up_shows_as_its_lag(loop: EventLoop) -> None:
    loop.measure_lag()
    assert loop.lag_ms == 0
    gevent.sleep(0.06)
    time.sleep(0.2)
    until(lambda: loop.lag_ms >= 100)
