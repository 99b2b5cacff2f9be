"""The Broker port: carries hints between processes. It may lose anything; nothing is wrong then, only slower.

Topics are bytes; the adapter puts the installation's id before them, so that two installations can share a server.
"""

from collections.abc import Callable
from typing import Protocol

Handler = Callable[[bytes], None]


class Broker(Protocol):
    """Handlers run on the event loop and must not block."""

    @property
    def connected(self) -> bool:
        """Whether hints of others would reach this process now."""

    def publish(self, topic: bytes, payload: bytes) -> None:
        """Queue a hint for everyone subscribed elsewhere and here. Never blocks, never raises; may drop."""

    def subscribe(self, topic: bytes, handler: Handler) -> None:
        """Hear a topic from now on, reconnections included."""

    def on_connected(self, react: Callable[[], None]) -> None:
        """Be told after each (re)connection, when subscriptions hold again: time to look at the store."""

    def start(self) -> None: ...

    def stop(self) -> None: ...
