"""Leases on Redis or Valkey: one connection, its callers one after the other."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gevent.lock
import redis

from app.bus.leases import BrokerAway, DropField, Put, SetField, Write
from app.bus.redis_link import Command, exchange, exchange_once, raw_connection
from app.bus.topics import topic_prefix

log = logging.getLogger(__name__)

ANSWER_SECONDS = 1.0  # for the server's answer
TURN_SECONDS = 2.0  # for those who came before
PAUSE_SECONDS = 0.5  # after a failure; who comes meanwhile need not wait to hear of it
MAX_COMMANDS = 512  # in one write


class RedisLeases:
    """Reached again by itself when the server comes back."""

    def __init__(self, url: str, installation: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._prefix = topic_prefix(installation) + b"="
        self._url = url
        self._connection: Any = None
        self._turn: Any = gevent.lock.BoundedSemaphore()
        self._monotonic = monotonic
        self._failed_at = float("-inf")

    def put(self, key: bytes, value: bytes, seconds: int) -> None:
        self.write([Put(key, value, seconds)])

    def take(self, key: bytes) -> bytes | None:
        with self._reached() as connection:
            value: bytes | None = exchange_once(connection, ("GETDEL", self._prefix + key))
            return value

    def write(self, writes: Sequence[Write]) -> None:
        self._exchange([command for write in writes for command in self._commands(write)])

    def read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return self._exchange([("GET", self._prefix + key) for key in keys])

    def read_fields(self, keys: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        answers = self._exchange([("HGETALL", self._prefix + key) for key in keys])
        return [dict(zip(answer[::2], answer[1::2], strict=True)) for answer in answers]

    def close(self) -> None:
        """Let go of the connection; a later call would open another."""
        if self._connection is not None:
            self._connection.disconnect()
            self._connection = None

    def _commands(self, write: Write) -> Iterator[Command]:
        key = self._prefix + write.key
        match write:
            case Put():
                yield "SET", key, write.value, "EX", write.seconds
            case SetField():
                yield "HSET", key, write.field, write.value
                yield "EXPIRE", key, write.seconds
            case DropField():
                yield "HDEL", key, write.field

    def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        answers: list[Any] = []
        for start in range(0, len(commands), MAX_COMMANDS):
            with self._reached() as connection:
                answers += exchange(connection, commands[start : start + MAX_COMMANDS])
        return answers

    @contextmanager
    def _reached(self) -> Iterator[Any]:
        """The connection, for one exchange of one caller."""
        if self._monotonic() - self._failed_at < PAUSE_SECONDS:
            raise _away()
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise _away()
        try:
            self._connection = self._connection or raw_connection(self._url, ANSWER_SECONDS)
            yield self._connection
        except (redis.RedisError, OSError) as error:
            self._failed_at = self._monotonic()
            log.info("the keys of Redis cannot be reached (%s)", error)
            raise _away() from error
        except BaseException:  # a greenlet that is killed while it waits leaves answers behind
            self.close()
            raise
        finally:
            self._turn.release()


def _away() -> BrokerAway:
    return BrokerAway("This cannot be done right now; try again in a moment.", retry_after=1)
