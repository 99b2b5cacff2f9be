"""A broker inside one process: for tests, and the reference of the contract."""

from collections.abc import Callable

from app.bus.interest import Interest, react_all
from app.bus.port import Handler


class LocalBroker:
    """Hands each hint to its handlers at once."""

    def __init__(self) -> None:
        self.connected = False
        self._interest = Interest()
        self._reactions: list[Callable[[], None]] = []
        self._waiting: list[Callable[[], None]] = []

    def publish(self, topic: bytes, payload: bytes) -> None:
        if self.connected:
            self._interest.hand_out(topic, payload)

    def subscribe(self, topic: bytes, handler: Handler) -> None:
        self._interest.add(topic, handler)

    def unsubscribe(self, topic: bytes, handler: Handler) -> None:
        self._interest.remove(topic, handler)

    def when_subscribed(self, react: Callable[[], None]) -> None:
        self._waiting.append(react)
        if self.connected:
            self._react_to_waiting()

    def on_connected(self, react: Callable[[], None]) -> None:
        self._reactions.append(react)

    def start(self) -> None:
        self.connected = True
        react_all(self._reactions)
        self._react_to_waiting()

    def stop(self) -> None:
        self.connected = False

    def _react_to_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        react_all(waiting)
