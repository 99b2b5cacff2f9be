"""What every broker promises, whatever it is made of."""

import time
from collections.abc import Callable
from typing import Any

import gevent
import pytest

from app.bus.port import Broker

DEADLINE_SECONDS = 20.0


def until(condition: Callable[[], Any]) -> None:
    """Let the event loop go on until it is so."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        gevent.sleep(0.002)


class BrokerContract:
    """A test file for an adapter subclasses this and gives `pair`: two brokers of one installation, not started."""

    @pytest.fixture
    def pair(self) -> tuple[Broker, Broker]:
        raise NotImplementedError

    def test_a_hint_is_heard_by_everybody_who_subscribed_in_order(self, pair: tuple[Broker, Broker]) -> None:
        heard: list[list[bytes]] = [[], []]
        for broker, into in zip(pair, heard, strict=True):
            broker.subscribe(b"topic", into.append)
            broker.start()
        until(lambda: all(broker.connected for broker in pair))
        hints = [b"%d" % number for number in range(1_000)]
        for hint in hints:
            pair[0].publish(b"topic", hint)
        until(lambda: len(heard[0]) == len(heard[1]) == len(hints))
        assert heard == [hints, hints]

    def test_a_topic_is_heard_by_those_who_subscribed_to_it_only(self, pair: tuple[Broker, Broker]) -> None:
        heard: list[bytes] = []
        pair[1].subscribe(b"one", heard.append)
        for broker in pair:
            broker.subscribe(b"last", heard.append)
            broker.start()
        until(lambda: all(broker.connected for broker in pair))
        pair[0].publish(b"other", b"x")
        pair[0].publish(b"one", b"y")
        until(lambda: heard)
        assert heard == [b"y"]

    def test_bytes_of_any_kind_arrive_as_they_were(self, pair: tuple[Broker, Broker]) -> None:
        heard: list[bytes] = []
        pair[0].subscribe(b"topic", heard.append)
        pair[0].start()
        until(lambda: pair[0].connected)
        payloads = [b"", bytes(range(256)), b"\r\n", b"x" * 1_000_000]
        for payload in payloads:
            pair[0].publish(b"topic", payload)
        until(lambda: len(heard) == len(payloads))
        assert heard == payloads

    def test_before_it_is_connected_hints_are_dropped_and_nothing_is_raised(
        self, pair: tuple[Broker, Broker]
    ) -> None:
        heard: list[bytes] = []
        pair[0].subscribe(b"topic", heard.append)
        assert not pair[0].connected
        pair[0].publish(b"topic", b"lost")
        pair[0].start()
        until(lambda: pair[0].connected)
        pair[0].publish(b"topic", b"heard")
        until(lambda: heard)
        assert heard == [b"heard"]

    def test_one_is_told_when_subscriptions_hold(self, pair: tuple[Broker, Broker]) -> None:
        told: list[bool] = []
        pair[0].subscribe(b"topic", lambda payload: None)
        pair[0].on_connected(lambda: told.append(pair[0].connected))
        pair[0].start()
        until(lambda: told)
        assert told == [True]

    def test_a_handler_that_fails_keeps_nobody_else_from_hearing(
        self, pair: tuple[Broker, Broker], caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(payload: bytes) -> None:
            raise RuntimeError("not today")

        heard: list[bytes] = []
        pair[0].subscribe(b"topic", fail)
        pair[0].subscribe(b"topic", heard.append)
        pair[0].start()
        until(lambda: pair[0].connected)
        for hint in (b"one", b"two"):
            pair[0].publish(b"topic", hint)
        until(lambda: len(heard) == 2)
        assert "not today" in caplog.text

    def test_it_can_be_stopped_and_started_and_nothing_of_between_is_heard(
        self, pair: tuple[Broker, Broker]
    ) -> None:
        heard: list[bytes] = []
        pair[0].subscribe(b"topic", heard.append)
        pair[0].start()
        until(lambda: pair[0].connected)
        pair[0].stop()
        assert not pair[0].connected
        pair[0].publish(b"topic", b"from beyond")
        pair[0].start()
        until(lambda: pair[0].connected)
        pair[0].publish(b"topic", b"back")
        until(lambda: heard)
        assert heard == [b"back"]

    def test_it_has_what_the_port_names(self, pair: tuple[Broker, Broker]) -> None:
        for name in (name for name in vars(Broker) if not name.startswith("_")):
            assert hasattr(pair[0], name)
