"""The same Maru with flask-sock as it comes, to measure what taking the socket out of its hands is worth.

`python -m bench.stock [gathered]`. Store, rights, tail, hub, hints and the protocol object are Maru's own; the
connection is what a careful user of flask-sock writes: its view waits in `receive`, and what is to be said goes
through `ws.send`, one message at a time. One greenlet does all sends, for `ws.send` may wait and the event loop's
callbacks must not. simple-websocket adds a reader thread (here a greenlet) to each connection. With `gathered` the
messages of one commit share a frame, as Maru's do: then flask-sock is helped by what it does not have.

Known to lose data, and left as it comes: `ws.send` calls `sock.send`, which may take a part of a frame, and one reader
that stalls holds everybody up. Neither happens in the measurements: their readers read.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
from collections import deque  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402

import flask_sock  # noqa: E402
import gevent  # noqa: E402
import simple_websocket  # noqa: E402
from gevent.event import Event  # noqa: E402

import app.factory  # noqa: E402
import app.serving  # noqa: E402
import wsgi  # noqa: E402
from app.config import Config  # noqa: E402
from app.core.api import PREFIX, Access, require_caller  # noqa: E402
from app.realtime.connection import Connection  # noqa: E402
from app.realtime.hub import Hub  # noqa: E402
from app.store.port import Committed  # noqa: E402

PATH = f"{PREFIX}/ws-as-it-comes"


class HubOfSingles(Hub):
    """Sends a frame a message: gathering those of one commit in one frame is part of Maru's connection."""

    def deliver(self, commits: Sequence[Committed]) -> None:
        for commit in commits:
            super().deliver((commit,))


class Sender:
    """One greenlet that says everything to everybody, in order."""

    def __init__(self) -> None:
        self._queue: deque[tuple[simple_websocket.Server, str]] = deque()
        self._queued = Event()
        self._frame = b""
        self._text = ""
        gevent.spawn(self._run)

    def add(self, ws: simple_websocket.Server, text: str) -> None:
        self._queue.append((ws, text))
        self._queued.set()

    def text_of(self, frame: bytes) -> str:
        """What `ws.send` wants, made once for all who get the same frame."""
        if frame is not self._frame:
            self._frame, self._text = frame, payload(frame).decode()
        return self._text

    def _run(self) -> None:
        while True:
            self._queued.wait()
            self._queued.clear()
            while self._queue:
                ws, text = self._queue.popleft()
                try:
                    ws.send(text)
                except (simple_websocket.ConnectionClosed, OSError):
                    continue


def payload(frame: bytes) -> bytes:
    """The text of a frame that Maru made (RFC 6455 5.2)."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


class StockTransport:
    """Maru's protocol object on a flask-sock connection."""

    def __init__(self, ws: simple_websocket.Server, sender: Sender) -> None:
        self._ws = ws
        self._sender = sender

    def queue(self, frame: bytes) -> None:
        self._sender.add(self._ws, self._sender.text_of(frame))

    def send(self, text: bytes) -> None:
        self._sender.add(self._ws, text.decode())

    def send_paced(self, text: bytes) -> None:
        self.send(text)

    def abort(self) -> None:
        self.close(1011, "")

    def admit(self) -> None:
        """flask-sock has one limit for all frames, or none."""

    def when_drained(self, react: Callable[[], None]) -> None:
        gevent.spawn(react)

    def pause(self) -> None:
        """Its reader cannot be stopped: what is said while the server goes away is answered or lost."""

    def close(self, code: int, reason: str) -> None:
        gevent.spawn(self._close, code, reason)

    def _close(self, code: int, reason: str) -> None:
        try:
            self._ws.close(code, reason)
        except (simple_websocket.ConnectionClosed, OSError):
            return


class StockMaru(app.factory.Maru):
    """Maru, and the same conversation on a route that leaves the socket to flask-sock."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        flask_sock.Server = simple_websocket.Server
        self.sender = Sender()
        flask_sock.Sock(self.app).route(PATH)(self.talk)

    def talk(self, ws: simple_websocket.Server) -> None:
        """One connection, for as long as it lasts."""
        caller = require_caller(Access.SIGNED_IN)
        assert caller is not None
        transport = StockTransport(ws, self.sender)
        connection = Connection(transport, self.desk, caller.user_id, caller.session_id)
        self.desk.pulse.add(connection)
        try:
            while True:
                connection.receive(ws.receive().encode())
        finally:
            connection.gone()


if __name__ == "__main__":
    if "gathered" not in sys.argv:
        app.factory.Hub = HubOfSingles
    app.serving.Maru = StockMaru
    sys.exit(wsgi.main(["serve"]))
