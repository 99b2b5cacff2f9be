"""What an operator asks of a running server from the command line: to send its clients elsewhere, or take them again.

Orders travel on the broker like announcements, to whoever has the name; the answer is a sentence.
"""

import logging
from collections.abc import Callable
from typing import Literal

import msgspec

from app.bus.port import Broker

log = logging.getLogger(__name__)

ORDERS_TOPIC = b"orders"
REPORTS_TOPIC = b"orders:reports"

Wish = Literal["drain", "undrain"]


class Order(msgspec.Struct, frozen=True):
    """`number` is the order's own, so that its report is found again. `name`: an id or an instance."""

    number: str
    name: str
    wish: Wish


class Report(msgspec.Struct, frozen=True):
    """What a server says to an order. `done`: whether it does what was asked."""

    number: str
    done: bool
    sentence: str


def drain_sentence(clients: int, others: int) -> str:
    """What a server says that sends its clients away."""
    if not others:
        return f"It asks its clients ({clients}) to come again later: there is no other server."
    return f"It sends its clients ({clients}) to the other servers ({others})."


class Obedience:
    """The server's side: does what it is asked, and says so. On the event loop; what is asked returns at once."""

    def __init__(
        self, broker: Broker, names: frozenset[str], obey: Callable[[Wish], tuple[bool, str]]
    ) -> None:
        """`names`: what this server is called. `obey` answers whether it does it, and a sentence."""
        self._broker = broker
        self._names = names
        self._obey = obey
        broker.subscribe(ORDERS_TOPIC, self._hear)

    def _hear(self, payload: bytes) -> None:
        order = msgspec.json.decode(payload, type=Order)
        if order.name in self._names:
            log.info("asked to %s", order.wish)
            done, sentence = self._obey(order.wish)
            report = Report(order.number, done, sentence)
            self._broker.publish(REPORTS_TOPIC, msgspec.json.encode(report))
