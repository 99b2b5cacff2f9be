"""The broker on Redis or Valkey: one connection publishes, one listens, both come back by themselves.

What is published while the server is away is dropped: hints are not worth keeping, the store has it all.
"""

import logging
import random
from collections import deque
from collections.abc import Callable

import gevent
import gevent.event
import redis

from app.bus.port import Handler

log = logging.getLogger(__name__)

MAX_QUEUED = 10_000  # hints waiting to be written; beyond it the oldest go
MAX_PIPELINE = 256  # PUBLISH commands in one write
RECONNECT_FIRST_SECONDS = 0.05
RECONNECT_MOST_SECONDS = 2.0
SOCKET_SECONDS = 5.0
LISTEN_SECONDS = 1.0  # how long one wait for a hint lasts, so that stopping is noticed
ALIVE_SECONDS = 10.0  # a silent subscription is pinged this often


class RedisBroker:
    """Publishes what gathered in one pipeline; listens with one subscription."""

    def __init__(
        self, url: str, installation: str, before_connect: Callable[[], None] = lambda: None
    ) -> None:
        """`before_connect` is called before each attempt (an embedded server can be brought back there)."""
        self._url = url
        self._prefix = f"maru:{installation}:".encode()
        self._before_connect = before_connect
        self._handlers: dict[bytes, list[Handler]] = {}
        self._reactions: list[Callable[[], None]] = []
        self._queue: deque[tuple[bytes, bytes]] = deque(maxlen=MAX_QUEUED)
        self._queued = gevent.event.Event()
        self._greenlets: list[gevent.Greenlet[..., None]] = []
        self._stopping = False
        self.connected = False

    def publish(self, topic: bytes, payload: bytes) -> None:
        if self.connected:
            self._queue.append((self._prefix + topic, payload))
            self._queued.set()

    def subscribe(self, topic: bytes, handler: Handler) -> None:
        """Before `start` only: the set of topics of a process does not change yet."""
        self._handlers.setdefault(self._prefix + topic, []).append(handler)

    def on_connected(self, react: Callable[[], None]) -> None:
        self._reactions.append(react)

    def start(self) -> None:
        self._greenlets = [gevent.spawn(self._keep, self._publish), gevent.spawn(self._keep, self._listen)]

    def stop(self) -> None:
        self._stopping = True
        self.connected = False
        gevent.killall(self._greenlets)

    def _keep(self, work: Callable[[redis.Redis], None]) -> None:
        """Run `work` on a fresh client again and again, with growing pauses while the server is away."""
        pause = RECONNECT_FIRST_SECONDS
        while not self._stopping:
            client = redis.Redis.from_url(
                self._url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, protocol=2
            )
            try:
                self._before_connect()
                client.ping()
                pause = RECONNECT_FIRST_SECONDS
                work(client)
            except (redis.RedisError, OSError) as error:
                if self.connected:
                    log.warning("the broker is away (%s); latency grows until it is back", error)
            finally:
                if work == self._listen:
                    self.connected = False
                client.close()
            gevent.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(RECONNECT_MOST_SECONDS, pause * 2)

    def _publish(self, client: redis.Redis) -> None:
        self._queue.clear()
        while True:
            self._queued.wait()
            self._queued.clear()
            while self._queue:
                pipeline = client.pipeline(transaction=False)
                for _ in range(min(len(self._queue), MAX_PIPELINE)):
                    pipeline.execute_command("PUBLISH", *self._queue.popleft())
                pipeline.execute()

    def _listen(self, client: redis.Redis) -> None:
        subscription = client.pubsub(ignore_subscribe_messages=False)
        try:
            subscription.subscribe(*self._handlers)
            self._await_subscriptions(subscription)
            self._hear(subscription)
        finally:
            subscription.close()

    def _await_subscriptions(self, subscription: redis.client.PubSub) -> None:
        """Register first, then let the others read the store: only now can no hint be missed between the two."""
        outstanding = set(self._handlers)
        while outstanding:
            message = subscription.get_message(timeout=SOCKET_SECONDS)
            if message is None:
                raise redis.TimeoutError("no answer to SUBSCRIBE")
            if message["type"] == "subscribe":
                outstanding.discard(message["channel"])
        self.connected = True
        for react in self._reactions:
            react()

    def _hear(self, subscription: redis.client.PubSub) -> None:
        silent = 0.0
        while True:
            message = subscription.get_message(timeout=LISTEN_SECONDS)
            if message is None:
                silent += LISTEN_SECONDS
                if silent >= 2 * ALIVE_SECONDS:
                    raise redis.TimeoutError("the subscription is silent")
                if silent >= ALIVE_SECONDS:
                    subscription.ping()
                continue
            silent = 0.0
            if message["type"] == "message":
                self._hand_out(message["channel"], message["data"])

    def _hand_out(self, topic: bytes, payload: bytes) -> None:
        for handler in self._handlers.get(topic, ()):
            try:
                handler(payload)
            except Exception:
                log.exception("a hint on %r could not be handled", topic)
