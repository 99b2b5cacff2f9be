"""The Broker port: carries hints between processes. It may lose anything; nothing is wrong then, only slower.

Topics are bytes; the adapter puts the installation before them, so that two installations can share a server.
"""

from collections.abc import Callable
from typing import Protocol

Handler = Callable[[bytes], None]


class Broker(Protocol):
    """Handlers and reactions run on the event loop and must not block."""

    @property
    def connected(self) -> bool:
        """Whether hints of others would reach this process now."""

    def publish(self, topic: bytes, payload: bytes) -> None:
        """Queue a hint for everyone subscribed elsewhere and here. Never blocks, never raises; may drop."""

    def subscribe(self, topic: bytes, handler: Handler) -> None:
        """Hear a topic, reconnections included: from the next turn or two on, see `when_subscribed`. A topic may have
        several handlers, and one of them several times."""

    def unsubscribe(self, topic: bytes, handler: Handler) -> None:
        """Take back one `subscribe`. With the last of a topic it is carried here no longer. Raises KeyError for
        what was never subscribed."""

    def when_subscribed(self, react: Callable[[], None]) -> None:
        """Call once, when all that is subscribed by now is heard: what is read from then on can be missed by nobody
        who was told of changes first. While the server is away that is when it is back."""

    def on_connected(self, react: Callable[[], None]) -> None:
        """Be told after each (re)connection, when subscriptions hold again: time to look at the store."""

    def start(self) -> None: ...

    def stop(self) -> None: ...
