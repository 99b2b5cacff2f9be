"""Who is alive, as each process hears it: on one broker, with time as the test sets it."""

import logging
from typing import Any

import msgspec
import pytest

from app.bus.local_broker import LocalBroker
from app.bus.port import Handler
from app.discovery.registry import ANNOUNCE_SECONDS, LEASE_SECONDS, TOPIC, Entry, Registry
from tests.accounts.house import SetClock


class Line:
    """A process's own way to the broker, which ends with it."""

    def __init__(self, broker: LocalBroker) -> None:
        self._broker = broker
        self.cut = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def publish(self, topic: bytes, payload: bytes) -> None:
        if not self.cut:
            self._broker.publish(topic, payload)

    def subscribe(self, topic: bytes, handler: Handler) -> None:
        self._broker.subscribe(topic, lambda payload: None if self.cut else handler(payload))


class Town:
    """Servers that hear of each other as long as the broker carries anything."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.broker = LocalBroker()
        self.running: list[Registry] = []
        self.broker.start()

    def server(self, name: str, load: tuple[int, int] = (0, 0), **entry: object) -> Registry:
        """A server that runs: it has asked who is there, and has said that it is."""
        own = msgspec.convert({"instance": f"s-{name}", "id": name, **entry}, Entry)
        return self._begin(Registry(Line(self.broker), self.clock, own, lambda: load))  # type: ignore[arg-type]

    def listener(self) -> Registry:
        """A process that is no chat server."""
        return self._begin(Registry(self.broker, self.clock))

    def _begin(self, registry: Registry) -> Registry:
        self.running.append(registry)
        registry._ask()
        return registry

    def crash(self, registry: Registry) -> None:
        """It says nothing any more."""
        self.running.remove(registry)
        registry._broker.cut = True  # type: ignore[attr-defined]

    def pass_time(self, seconds: float) -> None:
        """Second by second, everybody alive doing what they do."""
        for second in range(round(seconds)):
            self.clock.advance(1)
            for registry in self.running:
                if second % ANNOUNCE_SECONDS == 0:
                    registry.announce()
                registry.expire()


@pytest.fixture
def town() -> Town:
    return Town()


def names(registry: Registry) -> set[str]:
    return {entry.id for entry in registry.takers()}


def test_who_comes_is_heard_of_at_once_and_hears_of_those_who_are_there(town: Town) -> None:
    first = town.server("a")
    second = town.server("b", region="seoul", capacity=500)
    web = town.listener()
    assert names(first) == names(second) == names(web) == {"a", "b"}
    assert [(entry.region, entry.capacity) for entry in first.others()] == [("seoul", 500)]


def test_an_announcement_says_how_loaded_its_server_is(town: Town) -> None:
    web = town.listener()
    town.server("a", load=(70, 300))
    assert [(entry.connections, entry.lag_ms) for entry in web.takers()] == [(70, 300)]


def test_a_silent_server_is_named_until_its_lease_is_over_and_not_longer(town: Town) -> None:
    here, there = town.server("a"), town.server("b")
    town.pass_time(2 * LEASE_SECONDS)
    assert names(here) == {"a", "b"}
    there.announce()
    town.crash(there)
    town.clock.advance(LEASE_SECONDS - 0.1)
    assert names(here) == {"a", "b"}
    town.clock.advance(0.1)
    assert names(here) == {"a"}


def test_a_draining_server_takes_nobody_from_the_moment_it_says_so_and_is_alive(town: Town) -> None:
    here, there = town.server("a"), town.server("b")
    there.drain()
    assert (names(here), names(there)) == ({"a"}, {"a"})
    assert here.alive("s-b") is True
    there.drain(False)
    assert names(here) == {"a", "b"}


def test_who_leaves_is_gone_at_once(town: Town) -> None:
    here, there = town.server("a"), town.server("b")
    town.pass_time(LEASE_SECONDS + 1)
    there.leave()
    assert (names(here), here.others()) == ({"a"}, [])
    assert here.alive("s-b") is False


def test_of_those_that_are_gone_nothing_is_kept(town: Town) -> None:
    here, there = town.server("a"), town.server("b")
    town.crash(there)
    town.pass_time(20)
    assert here._heard == {}


def test_until_it_has_listened_for_a_lease_nobody_unheard_counts_as_dead(town: Town) -> None:
    here = town.server("a")
    assert here.alive("s-a") is True
    assert here.alive("s-b") is None
    town.pass_time(LEASE_SECONDS - 1)
    assert here.alive("s-b") is None
    town.pass_time(2)
    assert here.alive("s-b") is False


def test_who_hears_nothing_at_all_names_no_other_server_and_declares_none_dead(town: Town) -> None:
    here, there = town.server("a"), town.server("b")
    town.pass_time(20)
    town.broker.stop()
    town.pass_time(60)
    assert names(here) == {"a"}
    assert here.alive("s-b") is None
    town.broker.start()
    assert names(here) == names(there) == {"a", "b"}
    assert here.alive("s-b") is True


def test_who_died_while_nothing_was_heard_is_found_out_a_lease_after_hearing_began_again(town: Town) -> None:
    here, there = town.server("a"), town.server("b")
    town.pass_time(20)
    town.broker.stop()
    town.pass_time(30)
    town.crash(there)
    town.broker.start()
    town.pass_time(LEASE_SECONDS - 1)
    assert here.alive("s-b") is None
    town.pass_time(2)
    assert here.alive("s-b") is False


def test_what_another_version_says_too_much_is_no_matter_and_nonsense_is_noted(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    here = town.server("a")
    town.broker.publish(TOPIC, b'{"instance":"s-new","id":"new","colour":"celadon"}')
    assert names(here) == {"a", "new"}
    with caplog.at_level(logging.WARNING):
        town.broker.publish(TOPIC, b"nonsense")
    assert "not understood" in caplog.text
    assert names(here) == {"a", "new"}
