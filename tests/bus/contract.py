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


def require_subscribed(broker: Broker) -> None:
    """Wait until all that is subscribed so far is heard."""
    told: list[bool] = []
    broker.when_subscribed(lambda: told.append(True))
    until(lambda: told)


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

    def test_topics_are_heard_from_when_they_are_subscribed_until_they_are_not(
        self, pair: tuple[Broker, Broker]
    ) -> None:
        for broker in pair:
            broker.start()
        until(lambda: all(broker.connected for broker in pair))
        heard: list[bytes] = []
        last: list[bytes] = []
        pair[1].subscribe(b"last", last.append)
        pair[1].subscribe(b"topic", heard.append)
        require_subscribed(pair[1])
        pair[0].publish(b"topic", b"one")
        until(lambda: heard)
        pair[1].unsubscribe(b"topic", heard.append)
        require_subscribed(pair[1])
        pair[0].publish(b"topic", b"two")
        pair[0].publish(b"last", b"after it")
        until(lambda: last)
        pair[1].subscribe(b"topic", heard.append)
        require_subscribed(pair[1])
        pair[0].publish(b"topic", b"three")
        until(lambda: len(heard) == 2)
        assert heard == [b"one", b"three"]

    def test_a_topic_is_carried_as_long_as_one_of_its_handlers_wants_it(
        self, pair: tuple[Broker, Broker]
    ) -> None:
        one: list[bytes] = []
        other: list[bytes] = []
        pair[0].start()
        until(lambda: pair[0].connected)
        for handler in (one.append, other.append, one.append):
            pair[0].subscribe(b"topic", handler)
        for _ in range(2):
            pair[0].unsubscribe(b"topic", one.append)
        require_subscribed(pair[0])
        pair[0].publish(b"topic", b"x")
        until(lambda: other)
        assert (one, other) == ([], [b"x"])

    def test_what_was_never_subscribed_cannot_be_taken_back(self, pair: tuple[Broker, Broker]) -> None:
        heard: list[bytes] = []
        with pytest.raises(KeyError):
            pair[0].unsubscribe(b"topic", heard.append)
        pair[0].subscribe(b"topic", heard.append)
        with pytest.raises(KeyError):
            pair[0].unsubscribe(b"topic", [].append)

    def test_a_topic_taken_back_in_the_same_turn_is_not_heard(self, pair: tuple[Broker, Broker]) -> None:
        heard: list[bytes] = []
        last: list[bytes] = []
        pair[0].start()
        until(lambda: pair[0].connected)
        pair[0].subscribe(b"topic", heard.append)
        pair[0].unsubscribe(b"topic", heard.append)
        pair[0].subscribe(b"last", last.append)
        require_subscribed(pair[0])
        for topic in (b"topic", b"last"):
            pair[0].publish(topic, b"x")
        until(lambda: last)
        assert heard == []

    def test_who_waits_to_be_subscribed_while_it_is_away_is_told_when_it_is_there(
        self, pair: tuple[Broker, Broker]
    ) -> None:
        told: list[bool] = []
        pair[0].subscribe(b"topic", lambda payload: None)
        pair[0].when_subscribed(lambda: told.append(pair[0].connected))
        assert told == []
        pair[0].start()
        until(lambda: told)
        assert told == [True]

    def test_topics_of_before_a_stop_are_heard_after_the_next_start(
        self, pair: tuple[Broker, Broker]
    ) -> None:
        heard: list[bytes] = []
        pair[0].start()
        until(lambda: pair[0].connected)
        pair[0].subscribe(b"kept", heard.append)
        pair[0].subscribe(b"gone", heard.append)
        require_subscribed(pair[0])
        pair[0].stop()
        pair[0].unsubscribe(b"gone", heard.append)
        pair[0].subscribe(b"new", heard.append)
        pair[0].start()
        until(lambda: pair[0].connected)
        for topic in (b"kept", b"gone", b"new"):
            pair[0].publish(topic, topic)
        until(lambda: len(heard) == 2)
        assert heard == [b"kept", b"new"]

    def test_it_has_what_the_port_names(self, pair: tuple[Broker, Broker]) -> None:
        for name in (name for name in vars(Broker) if not name.startswith("_")):
            assert hasattr(pair[0], name)
