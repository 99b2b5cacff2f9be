"""A loss is noticed once, by each server."""

from app.bus.local_leases import LocalLeases
from app.presence.canary import Canary
from tests.store.world import SetClock


def test_a_loss_is_noticed_once_and_by_each_server() -> None:
    leases = LocalLeases(SetClock())
    canaries = [Canary(leases, "s-1"), Canary(leases, "s-2")]
    assert [canary.has_died() for canary in canaries * 2] == [False] * 4
    leases.lose_everything()
    assert [canary.has_died() for canary in canaries * 2] == [True, True, False, False]
