"""The broker on a real Valkey: the contract, and what happens when the server is killed, away, or strange."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
import redis

from app.bus import redis_broker, redis_subscription
from app.bus.embedded import EmbeddedValkey
from app.bus.port import Broker
from app.bus.redis_broker import RedisBroker
from tests.bus.contract import BrokerContract, require_subscribed, until
from tests.bus.cooperative import cooperative_sockets

__all__ = ["cooperative_sockets"]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    valkey = EmbeddedValkey(tmp_path)
    valkey.start()
    yield valkey
    valkey.stop()


@pytest.fixture
def pair(valkey: EmbeddedValkey) -> Iterator[tuple[Broker, Broker]]:
    """The first brings the server back; the second belongs to a process that does not own it."""
    brokers = RedisBroker(valkey.url, "hall", valkey.ensure_running), RedisBroker(valkey.url, "hall")
    yield brokers
    for broker in brokers:
        broker.stop()


def started(pair: tuple[Broker, Broker]) -> list[bytes]:
    """Both connected; what the second hears."""
    heard: list[bytes] = []
    pair[0].subscribe(b"topic", lambda payload: None)
    pair[1].subscribe(b"topic", heard.append)
    for broker in pair:
        broker.start()
    until(lambda: all(broker.connected for broker in pair))
    return heard


def server_pid(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.info("server")["process_id"])


class TestRedisBroker(BrokerContract):
    """In the file's own `pair`."""

    @pytest.fixture
    def pair(self, pair: tuple[Broker, Broker]) -> tuple[Broker, Broker]:
        return pair


def test_another_installation_on_the_same_server_is_not_heard(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey
) -> None:
    heard = started(pair)
    foreign = RedisBroker(valkey.url, "another hall")
    foreign.subscribe(b"topic", heard.append)
    foreign.start()
    until(lambda: foreign.connected)
    foreign.publish(b"topic", b"foreign")
    until(lambda: heard == [b"foreign"])
    pair[0].publish(b"topic", b"ours")
    until(lambda: len(heard) == 2)
    assert heard == [b"foreign", b"ours"]
    foreign.stop()


def test_a_killed_server_is_noticed_brought_back_and_the_first_hint_after_it_arrives(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    heard = started(pair)
    told: list[bool] = []
    pair[1].on_connected(lambda: told.append(pair[1].connected))
    pair[0].publish(b"topic", b"before")
    until(lambda: heard == [b"before"])
    for _ in range(2):
        told.clear()
        os.kill(server_pid(valkey.url), signal.SIGKILL)
        until(lambda: not pair[0].connected or told)
        until(lambda: told and all(broker.connected for broker in pair))
        pair[0].publish(b"topic", b"after")
        count = len(heard) + 1
        until(lambda expected=count: len(heard) == expected)  # type: ignore[misc]
    assert set(heard[1:]) == {b"after"}
    assert "Redis is away" in caplog.text
    assert "Redis is back" in caplog.text


def test_a_link_that_was_cut_is_noticed_though_the_server_is_well(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey
) -> None:
    """Something may have been missed, so the store must be looked at."""
    heard = started(pair)
    told: list[bool] = []
    pair[1].on_connected(lambda: told.append(True))
    with redis.Redis.from_url(valkey.url) as client:
        client.client_kill_filter(_type="pubsub")
        until(lambda: told)
        client.client_kill_filter(_type="normal", skipme=True)
    until(lambda: all(broker.connected for broker in pair))
    pair[0].publish(b"topic", b"heard")
    until(lambda: heard)


def test_a_server_that_pauses_is_said_to_be_back_though_the_subscription_outlived_it(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    caplog.set_level("INFO")
    monkeypatch.setattr(redis_broker, "SOCKET_SECONDS", 0.2)
    heard = started(pair)
    stopped = server_pid(valkey.url)
    os.kill(stopped, signal.SIGSTOP)
    try:
        pair[0].publish(b"topic", b"into the silence")
        until(lambda: "Redis is away" in caplog.text)
    finally:
        os.kill(stopped, signal.SIGCONT)
    until(lambda: "Redis is back" in caplog.text)
    assert pair[0].connected
    pair[0].publish(b"topic", b"and out of it")
    until(lambda: b"and out of it" in heard)


def test_a_server_that_is_away_at_the_start_is_found_when_it_comes_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_broker, "RECONNECT_MOST_SECONDS", 0.05)
    valkey = EmbeddedValkey(tmp_path)
    attempts: list[int] = []
    broker = RedisBroker(valkey.url, "hall", lambda: attempts.append(1))
    broker.subscribe(b"topic", lambda payload: None)
    broker.start()
    until(lambda: len(attempts) >= 8)
    assert not broker.connected
    assert caplog.text.count("Redis is away") == 1
    valkey.start()
    until(lambda: broker.connected)
    broker.stop()
    valkey.stop()


def test_one_that_listens_on_the_port_and_is_no_redis_is_away(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_broker, "SOCKET_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker = RedisBroker(f"redis://:secret@127.0.0.1:{silent.getsockname()[1]}/0", "hall")
        broker.subscribe(b"topic", lambda payload: None)
        broker.start()
        until(lambda: "Redis is away" in caplog.text)
        assert not broker.connected
        broker.stop()
    assert "secret" not in caplog.text


def test_what_brings_the_server_back_may_fail_and_is_tried_again(
    valkey: EmbeddedValkey, caplog: pytest.LogCaptureFixture
) -> None:
    attempts: list[int] = []

    def fail_at_first() -> None:
        attempts.append(1)
        if len(attempts) < 4:
            raise RuntimeError("not yet")

    broker = RedisBroker(valkey.url, "hall", fail_at_first)
    broker.subscribe(b"topic", lambda payload: None)
    broker.start()
    until(lambda: broker.connected)
    assert "not yet" in caplog.text
    broker.stop()


def test_a_reaction_that_fails_does_not_end_the_listening(
    pair: tuple[Broker, Broker], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("cannot look now")

    pair[1].on_connected(fail)
    heard = started(pair)
    pair[0].publish(b"topic", b"heard")
    until(lambda: heard)
    assert "cannot look now" in caplog.text


def test_a_silent_subscription_is_pinged_and_a_dead_one_given_up(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that hangs, or a link that was cut without a word, says nothing at all any more."""
    monkeypatch.setattr(redis_subscription, "ALIVE_SECONDS", 0.05)
    monkeypatch.setattr(redis_subscription, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(redis_broker, "SOCKET_SECONDS", 0.3)
    heard = started(pair)
    with redis.Redis.from_url(valkey.url) as client:
        before = client.info("commandstats").get("cmdstat_ping", {}).get("calls", 0)
        until(lambda: client.info("commandstats").get("cmdstat_ping", {}).get("calls", 0) > before + 4)
    assert pair[1].connected
    pid = server_pid(valkey.url)
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: not pair[1].connected)
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: pair[0].connected and pair[1].connected)
    pair[0].publish(b"topic", b"again")
    until(lambda: b"again" in heard)


def calls(url: str, command: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])


def test_subscriptions_of_one_turn_are_one_command(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey
) -> None:
    started(pair)
    heard: list[bytes] = []
    before = calls(valkey.url, "subscribe"), calls(valkey.url, "unsubscribe")
    for number in range(500):
        pair[1].subscribe(b"topic %d" % number, heard.append)
    require_subscribed(pair[1])
    for number in range(1, 500):
        pair[1].unsubscribe(b"topic %d" % number, heard.append)
    require_subscribed(pair[1])
    assert (calls(valkey.url, "subscribe"), calls(valkey.url, "unsubscribe")) == (
        before[0] + 1,
        before[1] + 1,
    )
    pair[0].publish(b"topic 0", b"heard")
    until(lambda: heard)


def test_many_topics_are_subscribed_in_chunks_and_all_again_after_a_reconnection(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_subscription, "MAX_TOPICS", 100)
    started(pair)
    heard: list[bytes] = []
    for number in range(1_050):
        pair[1].subscribe(b"topic %d" % number, heard.append)
    require_subscribed(pair[1])
    told: list[bool] = []
    pair[1].on_connected(lambda: told.append(True))
    before = calls(valkey.url, "subscribe")
    with redis.Redis.from_url(valkey.url) as client:
        client.client_kill_filter(_type="pubsub")
    until(lambda: told and pair[0].connected)
    assert calls(valkey.url, "subscribe") >= before + 11
    for number in range(1_050):
        pair[0].publish(b"topic %d" % number, b"%d" % number)
    until(lambda: len(heard) == 1_050)
    assert heard == [b"%d" % number for number in range(1_050)]


def test_a_flood_of_hints_does_not_keep_the_loop_from_its_other_work(
    pair: tuple[Broker, Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two hints of a long row the loop looks at its timers and sockets."""
    monkeypatch.setattr(redis_subscription, "MAX_IN_A_ROW", 50)
    heard = started(pair)
    seen: list[int] = []

    def look() -> None:
        while len(heard) < 5_000:
            seen.append(len(heard))
            gevent.sleep(0.000_001)

    looking = gevent.spawn(look)
    for number in range(5_000):
        pair[0].publish(b"topic", b"%d" % number)
    until(lambda: len(heard) == 5_000)
    looking.join()
    assert len(set(seen)) > 20


def test_hints_that_cannot_be_written_yet_are_bounded(
    pair: tuple[Broker, Broker], valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(pair)
    for number in range(redis_broker.MAX_QUEUED + 10):
        pair[0].publish(b"topic", b"%d" % number)
    waiting = pair[0]._queue  # type: ignore[attr-defined]
    assert len(waiting) == redis_broker.MAX_QUEUED
    assert waiting[-1][1] == b"%d" % (redis_broker.MAX_QUEUED + 9)
