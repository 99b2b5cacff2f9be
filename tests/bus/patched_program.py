"""Run as a process, patched like the server, since TLS cannot be made cooperative otherwise: `python -m
tests.bus.patched_program URL…`.

For each URL sends a thousand hints to itself over as many topics, and a value through the leases; prints as JSON what
became of them and what was said in the log.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402

from app.bus import redis_broker, redis_leases, redis_subscription  # noqa: E402
from app.bus.leases import BrokerAway  # noqa: E402
from app.bus.redis_broker import RedisBroker  # noqa: E402
from app.bus.redis_leases import RedisLeases  # noqa: E402

ATTEMPTS = 4  # of both connections, before it counts as refused
WAIT_SECONDS = 20.0
HINTS = 1_000


class Said(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {self.format(record)}")


def until(condition: Callable[[], Any]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < deadline:
        gevent.sleep(0.005)
    return bool(condition())


def tried(url: str) -> dict[str, Any]:
    said = Said()
    logging.basicConfig(level=logging.INFO, handlers=[said], force=True, format="%(message)s")
    redis_broker.RECONNECT_MOST_SECONDS = 0.05
    redis_broker.SOCKET_SECONDS = redis_leases.ANSWER_SECONDS = 0.3
    redis_subscription.MAX_TOPICS = 100
    attempts: list[int] = []
    broker = RedisBroker(url, "hall", lambda: attempts.append(1))
    heard: list[bytes] = []
    for number in range(HINTS):
        broker.subscribe(b"topic %d" % number, heard.append)
    broker.start()
    until(lambda: broker.connected or len(attempts) > ATTEMPTS)
    was_connected = broker.connected
    for number in range(HINTS if was_connected else 1):
        broker.publish(b"topic %d" % number, b"%d" % number)
    if was_connected:
        until(lambda: len(heard) == HINTS)
        broker.unsubscribe(b"topic 0", heard.append)
    broker.stop()
    leases = RedisLeases(url, "hall")
    try:
        leases.put(b"key", b"value", 60)
        taken = leases.take(b"key") == b"value"
    except BrokerAway:
        taken = False
    in_order = heard == [b"%d" % number for number in range(HINTS)]
    return {"connected": was_connected, "heard": in_order, "taken": taken, "said": said.lines}


if __name__ == "__main__":
    sys.stdout.write(json.dumps([tried(url) for url in sys.argv[1:]]))
