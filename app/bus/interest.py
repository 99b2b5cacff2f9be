"""Which topics this process hears, and who in it hears them. No I/O here."""

import logging
from collections.abc import Callable, Iterable
from itertools import islice

from app.bus.port import Handler

log = logging.getLogger(__name__)


class Interest:
    """A topic is of interest while somebody handles it. `changed`: topics whose interest began or ended since it was
    last looked at. About 300 bytes a topic, the topic's name included."""

    def __init__(self) -> None:
        self._handlers: dict[bytes, tuple[Handler, ...]] = {}
        self.changed: dict[bytes, None] = {}

    def __contains__(self, topic: bytes) -> bool:
        return topic in self._handlers

    def __len__(self) -> int:
        return len(self._handlers)

    def add(self, topic: bytes, handler: Handler) -> None:
        before = self._handlers.get(topic, ())
        self._handlers[topic] = (*before, handler)
        if not before:
            self.changed[topic] = None

    def remove(self, topic: bytes, handler: Handler) -> None:
        """Raises KeyError when it was not added."""
        left = list(self._handlers[topic])
        if handler not in left:
            raise KeyError(topic)
        left.remove(handler)
        if left:
            self._handlers[topic] = tuple(left)
        else:
            del self._handlers[topic]
            self.changed[topic] = None

    def begin_anew(self) -> None:
        """Nothing is subscribed any more: all is still to be done."""
        self.changed = dict.fromkeys(self._handlers)

    def take_changed(self, most: int) -> list[bytes]:
        """Up to so many changed topics, which are not changed any more."""
        taken = list(islice(self.changed, most))
        for topic in taken:
            del self.changed[topic]
        return taken

    def hand_out(self, topic: bytes, payload: bytes) -> None:
        """Call the topic's handlers; one that fails keeps nobody else from hearing."""
        for handler in self._handlers.get(topic, ()):
            try:
                handler(payload)
            except Exception:
                log.exception("a hint on %r could not be handled", topic)


def react_all(reactions: Iterable[Callable[[], None]]) -> None:
    """Call them all; one that fails keeps none of the others from being called."""
    for react in reactions:
        try:
            react()
        except Exception:
            log.exception("a reaction to the broker failed")
