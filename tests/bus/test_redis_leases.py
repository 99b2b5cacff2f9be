"""The leases on a real Valkey: the contract, many callers, and a server that is away, killed, or hangs."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
import redis

from app.bus import redis_leases
from app.bus.embedded import EmbeddedValkey
from app.bus.leases import BrokerAway, Leases, Put
from app.bus.redis_leases import RedisLeases
from tests.bus.contract import until
from tests.bus.contract_leases import LeasesContract, Pass
from tests.bus.cooperative import cooperative_sockets

__all__ = ["cooperative_sockets"]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    valkey = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    valkey.start()
    yield valkey
    valkey.stop()


@pytest.fixture
def leases(valkey: EmbeddedValkey) -> Iterator[RedisLeases]:
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    leases = RedisLeases(valkey.url, "hall")
    yield leases
    leases.close()


class TestRedisLeases(LeasesContract):
    @pytest.fixture
    def leases(self, leases: RedisLeases) -> Leases:
        return leases

    @pytest.fixture
    def let_pass(self) -> Pass:
        """The server's clock cannot be set."""
        return gevent.sleep


def test_of_many_who_take_at_once_one_gets_it(leases: RedisLeases, valkey: EmbeddedValkey) -> None:
    others = [RedisLeases(valkey.url, "hall") for _ in range(4)]
    for number in range(20):
        key = b"ticket %d" % number
        leases.put(key, b"x", 60)
        taking = [gevent.spawn(other.take, key) for other in others for _ in range(5)]
        gevent.joinall(taking, raise_error=True)
        assert [taken.value for taken in taking].count(b"x") == 1
    for other in others:
        other.close()


def test_another_installation_on_the_same_server_has_keys_of_its_own(
    leases: RedisLeases, valkey: EmbeddedValkey
) -> None:
    foreign = RedisLeases(valkey.url, "another hall")
    leases.put(b"key", b"ours", 60)
    assert foreign.read([b"key"]) == [None]
    foreign.close()


def test_a_killed_server_is_away_and_reached_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_leases, "PAUSE_SECONDS", 0.01)
    valkey = EmbeddedValkey(tmp_path)
    valkey.start()
    leases = RedisLeases(valkey.url, "hall")
    leases.put(b"key", b"x", 60)
    with redis.Redis.from_url(valkey.url) as client:
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
    with pytest.raises(BrokerAway):
        leases.take(b"key")
    valkey.stop()
    valkey.start()
    until(lambda: _is_reached(leases))
    assert leases.take(b"key") is None
    leases.close()
    valkey.stop()


def test_a_server_that_restarted_unnoticed_does_not_fail_the_next_write(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path)
    valkey.start()
    leases = RedisLeases(valkey.url, "hall")
    leases.put(b"key", b"old", 60)
    valkey.stop()
    valkey.start()
    leases.put(b"key", b"new", 60)
    assert leases.take(b"key") == b"new"
    leases.close()
    valkey.stop()


def test_one_that_never_answers_is_given_up_and_the_next_callers_need_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_leases, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(redis_leases, "PAUSE_SECONDS", 60.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        leases = RedisLeases(f"redis://:secret@127.0.0.1:{silent.getsockname()[1]}/0", "hall")
        with pytest.raises(BrokerAway):
            leases.put(b"key", b"x", 60)
        silent.close()
        with pytest.raises(
            BrokerAway
        ):  # without trying: nobody listens any more, and that error would be another
            leases.put(b"key", b"x", 60)


def test_a_caller_that_is_killed_while_it_waits_spoils_nothing_for_the_next(
    leases: RedisLeases, valkey: EmbeddedValkey
) -> None:
    leases.put(b"key", b"right", 60)
    with redis.Redis.from_url(valkey.url) as client:
        pid = int(client.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    reading = gevent.spawn(leases.read, [b"another"] * 3)
    gevent.sleep(0)
    reading.kill()
    os.kill(pid, signal.SIGCONT)
    assert leases.take(b"key") == b"right"


def test_what_the_server_refuses_counts_as_away_and_leaves_no_answers_behind(
    leases: RedisLeases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_leases, "PAUSE_SECONDS", 0.0)
    leases.write([Put(b"key", b"x", 60), Put(b"other", b"y", 60)])
    with pytest.raises(BrokerAway):
        leases.read_fields([b"key", b"key", b"other"])
    assert leases.read([b"key", b"other"]) == [b"x", b"y"]


def _is_reached(leases: RedisLeases) -> bool:
    try:
        leases.read([b"any"])
    except BrokerAway:
        return False
    return True


def test_a_call_never_waits_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """One caller holds the connection; the other gives up instead of queueing for ever."""
    monkeypatch.setattr(redis_leases, "ANSWER_SECONDS", 30.0)
    monkeypatch.setattr(redis_leases, "TURN_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        leases = RedisLeases(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", "hall")
        first = gevent.spawn(leases.read, [b"key"])
        gevent.sleep(0)
        began = time.monotonic()
        with pytest.raises(BrokerAway):
            leases.read([b"key"])
        assert time.monotonic() - began < 20
        first.kill()
