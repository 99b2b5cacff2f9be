"""The broker on Redis or Valkey: one connection publishes, one listens, both come back by themselves.

What is published while the server is away is dropped: hints are not worth keeping, the store has it all.
"""

import logging
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import redis

from app.bus.interest import Interest, react_all
from app.bus.port import Handler
from app.bus.redis_link import exchange, raw_connection
from app.bus.redis_subscription import Subscription
from app.bus.topics import topic_prefix

log = logging.getLogger(__name__)

MAX_QUEUED = 10_000  # hints waiting to be written; beyond it the oldest go
MAX_PIPELINE = 256  # PUBLISH commands in one write
RECONNECT_FIRST_SECONDS = 0.05
RECONNECT_MOST_SECONDS = 2.0
SOCKET_SECONDS = 5.0


class RedisBroker:
    """Publishes what gathered in one pipeline; listens with one subscription."""

    def __init__(
        self, url: str, installation: str, before_connect: Callable[[], None] = lambda: None
    ) -> None:
        """`before_connect` is called before each attempt (an embedded server can be brought back there)."""
        self._url = url
        self._prefix = topic_prefix(installation)
        self._before_connect = before_connect
        self._interest = Interest()
        self._subscription: Subscription | None = None
        self._reactions: list[Callable[[], None]] = []
        self._waiting: list[Callable[[], None]] = []
        self._queue: deque[tuple[bytes, bytes]] = deque(maxlen=MAX_QUEUED)
        self._queued = gevent.event.Event()
        self._greenlets: list[gevent.Greenlet[..., None]] = []
        self._missed = False  # that it is away was said in the log
        self.connected = False

    def publish(self, topic: bytes, payload: bytes) -> None:
        if self.connected:
            self._queue.append((self._prefix + topic, payload))
            self._queued.set()

    def subscribe(self, topic: bytes, handler: Handler) -> None:
        self._interest.add(self._prefix + topic, handler)
        self._ask()

    def unsubscribe(self, topic: bytes, handler: Handler) -> None:
        self._interest.remove(self._prefix + topic, handler)
        self._ask()

    def when_subscribed(self, react: Callable[[], None]) -> None:
        self._waiting.append(react)
        self._ask()

    def on_connected(self, react: Callable[[], None]) -> None:
        self._reactions.append(react)

    def start(self) -> None:
        self._greenlets = [gevent.spawn(self._keep, self._publish), gevent.spawn(self._keep, self._listen)]

    def stop(self) -> None:
        gevent.killall(self._greenlets)
        self.connected = False

    def _ask(self) -> None:
        if self._subscription is not None:
            self._subscription.ask()

    def _keep(self, work: Callable[[Any], None]) -> None:
        """Do the work on a fresh connection again and again, with growing pauses while the server is away. What stops
        it for another reason is a fault of ours, and no reason never to listen again."""
        pause = RECONNECT_FIRST_SECONDS
        while True:
            connection: Any = None
            try:
                self._before_connect()
                connection = raw_connection(self._url, SOCKET_SECONDS)
                exchange(connection, [("PING",)])
                pause = RECONNECT_FIRST_SECONDS
                if self.connected:  # the other connection was there all the time
                    self._find_again()
                work(connection)
            except (redis.RedisError, OSError) as error:
                self._miss(error)
            except Exception:
                log.exception("the broker failed and is connected to again")
            finally:
                if connection is not None:
                    connection.disconnect()
            gevent.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(RECONNECT_MOST_SECONDS, pause * 2)

    def _miss(self, error: Exception) -> None:
        """Say once that the server is away."""
        if not self._missed:
            self._missed = True
            log.warning("Redis is away (%s): messages between processes take longer until it is back", error)

    def _find_again(self) -> None:
        """Say once that it is back."""
        if self._missed:
            self._missed = False
            log.info("Redis is back")

    def _publish(self, connection: Any) -> None:
        """By hand: redis-py's pipeline costs 55 microseconds more for each commit. A hint may go out twice when the
        server came back meanwhile: twice heard is no harm."""
        while True:
            self._queued.wait()
            self._queued.clear()
            while self._queue:
                gathered = range(min(len(self._queue), MAX_PIPELINE))
                exchange(connection, [("PUBLISH", *self._queue.popleft()) for _ in gathered])

    def _listen(self, connection: Any) -> None:
        self._subscription = Subscription(connection, self._interest, self._waiting)
        try:
            self._subscription.hear(self._greet)
        finally:
            self._subscription = None
            self.connected = False
            self._queue.clear()

    def _greet(self) -> None:
        """Registered first, so the others may read the store: no hint can be missed between the two any more."""
        self.connected = True
        self._find_again()
        react_all(self._reactions)
