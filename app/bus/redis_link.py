"""One connection to Redis or Valkey, used by hand: commands out, answers in. redis-py's own clients take a multiple of
the time for the same bytes.
"""

from collections.abc import Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_SECONDS = 5.0

Command = Sequence[str | bytes | int]


def raw_connection(url: str, seconds: float = SOCKET_SECONDS) -> Any:
    """A connection that opens with its first command. It never repeats a command by itself: what was missed in
    between must be noticed.

    The URL may carry a username and password, and with `rediss://` the parameters of TLS such as `ssl_ca_certs`.
    Raises redis.ConnectionError for parameters that do not exist.
    """
    try:
        pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
        )
        return pool.make_connection()
    except (TypeError, ValueError) as error:
        raise redis.ConnectionError(f"REDIS_URL cannot be used: {error}") from error


def exchange(connection: Any, commands: Sequence[Command]) -> list[Any]:
    """Send the commands in one write and take an answer of each. When the connection turns out to be stale, after the
    server came back, again at once on a new one: only for commands that may be done twice. Raises redis.RedisError,
    OSError; the connection is closed then, since answers may be left on it."""
    packed = connection.pack_commands(commands)
    try:
        return _send_and_read(connection, packed, len(commands))
    except redis.ConnectionError:
        return _send_and_read(connection, packed, len(commands))


def exchange_once(connection: Any, command: Command) -> Any:
    """One command that must not be done twice, and its answer."""
    return _send_and_read(connection, connection.pack_commands([command]), 1)[0]


def _send_and_read(connection: Any, packed: list[bytes], answers: int) -> list[Any]:
    connection.send_packed_command(packed)
    try:
        return [connection.read_response() for _ in range(answers)]
    except redis.ResponseError:
        connection.disconnect()
        raise
