"""The leases of one process keep the contract."""

import pytest

from app.bus.leases import BrokerAway, Leases
from app.bus.local_leases import LocalLeases
from tests.bus.contract_leases import LeasesContract, Pass
from tests.store.world import SetClock


class TestLocalLeases(LeasesContract):
    @pytest.fixture
    def clock(self) -> SetClock:
        return SetClock()

    @pytest.fixture
    def leases(self, clock: SetClock) -> Leases:
        return LocalLeases(clock)

    @pytest.fixture
    def let_pass(self, clock: SetClock) -> Pass:
        def let_pass(seconds: float) -> None:
            clock.ms += round(seconds * 1_000)

        return let_pass


def test_while_away_every_call_says_so() -> None:
    leases = LocalLeases(SetClock())
    leases.put(b"key", b"x", 60)
    leases.away = True
    for call in (
        lambda: leases.take(b"key"),
        lambda: leases.read([b"key"]),
        lambda: leases.read_fields([b"key"]),
    ):
        with pytest.raises(BrokerAway):
            call()
    leases.away = False
    assert leases.take(b"key") == b"x"


def test_everything_may_be_lost() -> None:
    leases = LocalLeases(SetClock())
    leases.put(b"key", b"x", 60)
    leases.lose_everything()
    assert leases.take(b"key") is None
