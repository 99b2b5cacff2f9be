"""The goodbye: paced by what others take, after everything said was answered; with time as the test sets it."""

from collections.abc import Callable
from typing import Any

import gevent
import pytest
from gevent.event import Event

from app.accounts.wire import ServerEntry
from app.realtime import farewell as farewells
from app.realtime.farewell import DRAIN_SECONDS, LATER_MS, SOON_MS, STEP_SECONDS, Farewell
from app.realtime.wire import Close
from tests.accounts.house import SetClock

RATE = 100


class Client:
    """A live connection that remembers what was done to it, and when."""

    asked_at = "http://here"

    def __init__(self, house: "House") -> None:
        self._house = house
        self.deeds: list[str] = []
        self.told: tuple[Close, int, list[ServerEntry] | None] | None = None
        self.told_at = -1.0

    def pause(self) -> None:
        self.deeds.append("pause")
        self._house.deeds.append("pause")

    def close(self, code: Close, after_ms: int = 0, servers: list[ServerEntry] | None = None) -> None:
        self.deeds.append("close")
        self._house.deeds.append("close")
        self.told = (code, after_ms, servers)
        self.told_at = self._house.clock.monotonic()


class Request:
    """A held one."""

    def __init__(self) -> None:
        self.code: Close | None = None

    def close(self, code: Close) -> None:
        self.code = code


class House:
    """A server with clients; waiting is time that passes at once."""

    def __init__(self, clients: int, others: int) -> None:
        self.clock = SetClock()
        self.began = self.clock.monotonic()
        self.deeds: list[str] = []
        self.clients = [Client(self) for _ in range(clients)]
        self.requests = [Request()]
        self.taking = others
        self.settle: Callable[[], None] = lambda: self.deeds.append("settle")
        self.farewell = Farewell(
            live=lambda: [client for client in self.clients if client.told is None], held=lambda: self.requests,
            elsewhere=self, settle=lambda: self.settle(), handshakes_per_second=RATE, clock=self.clock,
        )  # fmt: skip
        self.farewell._hurried = Waits(self.clock)  # type: ignore[assignment]

    def others(self) -> int:
        return self.taking

    def ranked(self, asked_at: str) -> list[ServerEntry]:
        return [ServerEntry(id=f"{number}", url=asked_at, region="") for number in range(self.taking)]

    @property
    def times(self) -> list[float]:
        """Seconds after which each was told."""
        return sorted(client.told_at - self.began for client in self.clients if client.told)

    def told(self) -> list[Any]:
        return [client.told for client in self.clients]


class Waits(Event):
    """An event nobody waits for in earnest. `meanwhile` happens at each wait."""

    def __init__(self, clock: SetClock) -> None:
        super().__init__()
        self._clock = clock
        self.meanwhile: Callable[[], None] = lambda: None

    def wait(self, timeout: float | None = None) -> Any:
        self.meanwhile()
        if timeout is not None and not self.is_set():
            self._clock.advance(timeout)


def test_clients_are_sent_to_the_others_as_fast_as_those_take_them() -> None:
    house = House(clients=600, others=2)
    house.farewell.say()
    assert house.times[-1] == pytest.approx(600 / (2 * RATE), abs=2 * STEP_SECONDS)
    for second in range(3):
        assert sum(second <= time < second + 1 for time in house.times) == pytest.approx(2 * RATE, abs=20)
    for client in house.clients:
        assert client.told is not None
        code, after_ms, servers = client.told
        assert (code, len(servers or [])) == (Close.DRAIN, 2)
        assert 0 <= after_ms < SOON_MS


def test_everybody_is_told_in_time_whatever_the_others_take() -> None:
    house = House(clients=10_000, others=1)
    house.farewell.say()
    assert len(house.times) == 10_000
    assert house.times[-1] <= DRAIN_SECONDS + 2 * STEP_SECONDS


def test_a_few_are_told_at_once() -> None:
    house = House(clients=3, others=1)
    house.farewell.say()
    assert house.times == [0, 0, 0]


def test_with_nowhere_to_go_everybody_is_told_at_once_and_comes_back_spread_as_one_server_takes_them() -> (
    None
):
    house = House(clients=2_000, others=0)
    house.farewell.say()
    assert house.times[-1] <= 4 * STEP_SECONDS
    after = sorted(told[1] for told in house.told())
    assert max(after) < 1000 * 2_000 / RATE
    assert after[1_000] == pytest.approx(10_000, rel=0.1)
    assert {told[2] for told in house.told()} == {None}


def test_a_few_with_nowhere_to_go_come_back_soon() -> None:
    house = House(clients=3, others=0)
    house.farewell.say()
    assert all(told[1] < LATER_MS for told in house.told())


def test_when_the_others_vanish_meanwhile_the_rest_is_not_kept_waiting() -> None:
    house = House(clients=400, others=1)
    house.farewell._hurried.meanwhile = lambda: setattr(house, "taking", 0)  # type: ignore[attr-defined]
    house.farewell.say()
    assert house.times[-1] <= 2 * STEP_SECONDS


def test_nobody_is_told_before_everything_said_is_answered() -> None:
    house = House(clients=3, others=1)
    house.farewell.say()
    assert house.deeds == ["pause"] * 3 + ["settle"] + ["close"] * 3


def test_held_requests_are_answered_first() -> None:
    house = House(clients=0, others=1)
    house.farewell.say()
    assert house.requests[0].code is Close.DRAIN


def test_who_was_not_told_when_it_is_called_off_stays() -> None:
    house = House(clients=600, others=1)
    house.farewell._hurried.meanwhile = house.farewell.call_off  # type: ignore[attr-defined]
    house.farewell.say()
    assert 0 < len(house.times) < 20
    assert all(client.deeds == [] for client in house.clients if client.told is None)
    house.farewell._hurried.meanwhile = lambda: None  # type: ignore[attr-defined]
    house.farewell.say()
    assert len(house.times) == 600


def test_without_patience_everybody_is_told_now_and_nobody_is_waited_for() -> None:
    house = House(clients=1_000, others=1)
    house.farewell.hurry()
    house.farewell.say()
    house.farewell.wait_for_last_frames(lambda: 1)
    assert house.times[-1] == 0


def test_who_does_not_take_the_last_frames_is_waited_for_so_long_and_no_longer() -> None:
    house = House(clients=0, others=0)
    house.farewell.wait_for_last_frames(lambda: 1)
    waited = house.clock.monotonic() - house.began
    assert waited == pytest.approx(farewells.LAST_FRAMES_SECONDS, abs=0.05)
    house.farewell.wait_for_last_frames(lambda: 0)
    assert house.clock.monotonic() - house.began == waited


def test_the_loop_goes_on_while_it_waits_and_hurrying_wakes_it() -> None:
    """With a real event: the only one here that takes time of its own."""
    house = House(clients=600, others=1)
    house.farewell._hurried = Event()
    saying = gevent.spawn(house.farewell.say)
    gevent.sleep(0)
    assert 0 < len(house.times) < 600
    house.farewell.hurry()
    saying.get(timeout=20)
    assert len(house.times) == 600
