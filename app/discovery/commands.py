"""The operator's side of the command line: which chat servers there are, and to send the clients of one elsewhere.

Spoken over the broker, so from any machine that has the installation's settings. In a greenlet: it waits, for seconds.
"""

import secrets
import time
from collections.abc import Callable, Iterable

import gevent
import msgspec

from app.bus.port import Broker
from app.config import CannotServe
from app.discovery.orders import ORDERS_TOPIC, REPORTS_TOPIC, Order, Report, Wish
from app.discovery.registry import Entry, Registry

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 3.0  # for a server that is busy
LISTEN_SECONDS = 1.0  # servers that are not busy answer at once when they are asked who they are


class NotReached(CannotServe):
    """Whoever was asked did not answer."""


class Commands:
    """Asks the servers that run. `start` before anything else."""

    def __init__(self, broker: Broker, registry: Registry) -> None:
        """`registry` is one without a server of its own; both are not started yet."""
        self._broker = broker
        self._registry = registry
        self._reports: list[Report] = []
        broker.subscribe(REPORTS_TOPIC, self._hear)

    def start(self) -> None:
        """Raises NotReached when the broker cannot be reached."""
        self._broker.start()
        if not _until(lambda: self._broker.connected, CONNECT_SECONDS):
            raise NotReached("Redis cannot be reached. Does Maru run, with the same MARU_DATA and REDIS_URL?")

    def stop(self) -> None:
        self._broker.stop()

    def servers(self) -> str:
        """A table of those that are alive. Raises NotReached when nobody is."""
        found = self._listen()
        if not found:
            raise NotReached("No chat server answers.")
        return table(found)

    def order(self, name: str, wish: Wish) -> Report:
        """What the server of that name (an id or instance) says to it. Raises NotReached."""
        if not _until(lambda: self._is_known(name), ANSWER_SECONDS):
            raise NotReached(f"No chat server is called {name}. {self._names()}")
        order = Order(secrets.token_hex(8), name, wish)
        self._broker.publish(ORDERS_TOPIC, msgspec.json.encode(order))
        if not _until(lambda: self._report(order) is not None, ANSWER_SECONDS):
            raise NotReached(f"{name} does not answer.")
        report = self._report(order)
        assert report is not None
        return report

    def _is_known(self, name: str) -> bool:
        return any(name in (entry.id, entry.instance) for entry in self._registry.others())

    def _names(self) -> str:
        names = ", ".join(sorted(entry.id for entry in self._registry.others()))
        return f"There are: {names}." if names else "None answers."

    def _listen(self) -> list[Entry]:
        gevent.sleep(LISTEN_SECONDS)
        return sorted(self._registry.others(), key=lambda entry: (entry.id, entry.instance))

    def _hear(self, payload: bytes) -> None:
        self._reports.append(msgspec.json.decode(payload, type=Report))

    def _report(self, order: Order) -> Report | None:
        return next((report for report in self._reports if report.number == order.number), None)


def table(entries: Iterable[Entry]) -> str:
    """Servers as lines of columns, with a heading."""
    rows = [("NAME", "ADDRESS", "REGION", "CLIENTS", "LAG", "STATE"), *map(_row, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _row(entry: Entry) -> tuple[str, ...]:
    state = "draining" if entry.draining else "open"
    clients = f"{entry.connections}/{entry.capacity}"
    return entry.id, entry.address or "public", entry.region or "-", clients, f"{entry.lag_ms} ms", state


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        gevent.sleep(0.01)
    return True
