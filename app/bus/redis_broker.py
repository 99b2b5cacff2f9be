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
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.bus.port import Handler

log = logging.getLogger(__name__)

MAX_QUEUED = 10_000  # hints waiting to be written; beyond it the oldest go
MAX_PIPELINE = 256  # PUBLISH commands in one write
RECONNECT_FIRST_SECONDS = 0.05
RECONNECT_MOST_SECONDS = 2.0
SOCKET_SECONDS = 5.0
LISTEN_SECONDS = 1.0  # how long one wait for a hint lasts
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
        self._missed = False  # that it is away was said in the log
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
        gevent.killall(self._greenlets)
        self.connected = False

    def _keep(self, work: Callable[[redis.Redis], None]) -> None:
        """Do the work on a fresh client again and again, with growing pauses while the server is away. What stops it
        for another reason is a fault of ours, and no reason never to listen again.

        Without redis-py's own retries: it would resubscribe behind our back, and what was published meanwhile would
        be missed unnoticed.
        """
        pause = RECONNECT_FIRST_SECONDS
        while True:
            client = redis.Redis.from_url(
                self._url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, protocol=2,
                retry=Retry(NoBackoff(), 0),
            )  # fmt: skip
            try:
                self._before_connect()
                client.ping()
                pause = RECONNECT_FIRST_SECONDS
                work(client)
            except (redis.RedisError, OSError) as error:
                self._miss(error)
            except Exception:
                log.exception("the broker failed and is connected to again")
            finally:
                client.close()
            gevent.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(RECONNECT_MOST_SECONDS, pause * 2)

    def _miss(self, error: Exception) -> None:
        """Say once that the server is away."""
        if not self._missed:
            self._missed = True
            log.warning("Redis is away (%s): messages between processes take longer until it is back", error)

    def _publish(self, client: redis.Redis) -> None:
        """On one connection, by hand: redis-py's pipeline costs 55 microseconds more for each commit."""
        connection = client.connection_pool.get_connection()
        try:
            while True:
                self._queued.wait()
                self._queued.clear()
                while self._queue:
                    gathered = range(min(len(self._queue), MAX_PIPELINE))
                    _write(connection, [("PUBLISH", *self._queue.popleft()) for _ in gathered])
        finally:
            connection.disconnect()

    def _listen(self, client: redis.Redis) -> None:
        subscription = client.pubsub(ignore_subscribe_messages=False)
        try:
            subscription.subscribe(*self._handlers)
            self._await_subscriptions(subscription)
            self._greet()
            self._hear(subscription)
        finally:
            self.connected = False
            self._queue.clear()
            subscription.close()

    def _await_subscriptions(self, subscription: redis.client.PubSub) -> None:
        outstanding = set(self._handlers)
        while outstanding:
            message = subscription.get_message(timeout=SOCKET_SECONDS)
            if message is None:
                raise redis.TimeoutError("no answer to SUBSCRIBE")
            if message["type"] == "subscribe":
                outstanding.discard(message["channel"])

    def _greet(self) -> None:
        """Registered first, so the others may read the store: no hint can be missed between the two any more."""
        self.connected = True
        if self._missed:
            self._missed = False
            log.info("Redis is back")
        for react in self._reactions:
            try:
                react()
            except Exception:
                log.exception("a reaction to the broker's coming back failed")

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


def _write(connection: Any, commands: list[tuple[str, bytes, bytes]]) -> None:
    """Send commands and take their answers. When the connection turns out to be stale, after the server came back,
    again at once on a new one: twice heard is no harm."""
    packed = connection.pack_commands(commands)
    try:
        _exchange(connection, packed, len(commands))
    except redis.ConnectionError:
        _exchange(connection, packed, len(commands))


def _exchange(connection: Any, packed: list[bytes], answers: int) -> None:
    connection.send_packed_command(packed)
    for _ in range(answers):
        connection.read_response()
