"""Whether Redis lost what was kept there: a key that must be there is looked for. Calls wait."""

from app.bus.leases import Leases

CANARY_SECONDS = (
    7 * 24 * 3600
)  # after which it is missed once for nothing, and everybody is written again: no harm
LOOK_SECONDS = 2


class Canary:
    """One key of this server's own, so that each server finds out for itself."""

    def __init__(self, leases: Leases, instance: str) -> None:
        self._leases = leases
        self._key = b"canary:" + instance.encode()
        self._was_put = False

    def has_died(self) -> bool:
        """Whether the keys were lost since the last look. Raises BrokerAway."""
        if self._leases.read([self._key])[0] is not None:
            return False
        died = self._was_put
        self._leases.put(self._key, b"", CANARY_SECONDS)
        self._was_put = True
        return died
