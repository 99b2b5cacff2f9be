"""A broker inside one process: for tests, and the reference of the contract."""

from collections.abc import Callable

from app.bus.port import Handler


class LocalBroker:
    """Hands each hint to its handlers at once."""

    def __init__(self) -> None:
        self.connected = False
        self._handlers: dict[bytes, list[Handler]] = {}
        self._reactions: list[Callable[[], None]] = []

    def publish(self, topic: bytes, payload: bytes) -> None:
        if self.connected:
            for handler in self._handlers.get(topic, ()):
                handler(payload)

    def subscribe(self, topic: bytes, handler: Handler) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def on_connected(self, react: Callable[[], None]) -> None:
        self._reactions.append(react)

    def start(self) -> None:
        self.connected = True
        for react in self._reactions:
            react()

    def stop(self) -> None:
        self.connected = False
