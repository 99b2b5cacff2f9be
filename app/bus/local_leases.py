"""Leases inside one process: for tests, and the reference of the contract."""

from collections.abc import Sequence

from app.bus.leases import BrokerAway, DropField, Put, SetField, Write
from app.core.clock import Clock


class LocalLeases:
    """Keys in a dictionary. While `away`, nothing can be reached."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[bytes, tuple[float, bytes | dict[bytes, bytes]]] = {}
        self.away = False

    def put(self, key: bytes, value: bytes, seconds: int) -> None:
        self.write([Put(key, value, seconds)])

    def take(self, key: bytes) -> bytes | None:
        value = self.read([key])[0]
        self._kept.pop(key, None)
        return value

    def write(self, writes: Sequence[Write]) -> None:
        self._require_reachable()
        for write in writes:
            match write:
                case Put(key, value, seconds):
                    self._keep(key, value, seconds)
                case SetField(key, field, value, seconds):
                    self._keep(key, {**self._fields(key), field: value}, seconds)
                case DropField(key, field):
                    self._fields(key).pop(field, None)

    def read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        self._require_reachable()
        found = [self._find(key) for key in keys]
        return [value if isinstance(value, bytes) else None for value in found]

    def read_fields(self, keys: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        self._require_reachable()
        return [dict(self._fields(key)) for key in keys]

    def lose_everything(self) -> None:
        """As FLUSHALL does."""
        self._kept.clear()

    def _require_reachable(self) -> None:
        if self.away:
            raise BrokerAway("The keys are away, as the test asked for.")

    def _keep(self, key: bytes, value: bytes | dict[bytes, bytes], seconds: int) -> None:
        self._kept[key] = self._clock.monotonic() + seconds, value

    def _fields(self, key: bytes) -> dict[bytes, bytes]:
        value = self._find(key)
        return value if isinstance(value, dict) else {}

    def _find(self, key: bytes) -> bytes | dict[bytes, bytes] | None:
        until, value = self._kept.get(key, (0.0, None))
        if value is not None and until <= self._clock.monotonic():
            del self._kept[key]
            return None
        return value
