"""redis-py as in the server, where everything is patched: here only what it connects and waits with."""

import gevent.select
import gevent.socket
import pytest
import redis._parsers.hiredis
import redis.connection


@pytest.fixture(autouse=True)
def cooperative_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import it into a test file that talks to a real server."""
    monkeypatch.setattr(redis.connection, "socket", gevent.socket)
    monkeypatch.setattr(redis._parsers.hiredis, "select", gevent.select)
