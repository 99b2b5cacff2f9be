"""A broker inside one process: for tests, and the reference of the contract."""

import logging
from collections.abc import Callable

from app.bus.port import Handler

log = logging.getLogger(__name__)


class LocalBroker:
    """Hands each hint to its handlers at once."""

    def __init__(self) -> None:
        self.connected = False
        self._handlers: dict[bytes, list[Handler]] = {}
        self._reactions: list[Callable[[], None]] = []

    def publish(self, topic: bytes, payload: bytes) -> None:
        if self.connected:
            for handler in self._handlers.get(topic, ()):
                try:
                    handler(payload)
                except Exception:
                    log.exception("a hint on %r could not be handled", topic)

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
