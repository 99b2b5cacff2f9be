"""The WebSocket handshake, and taking the socket out of the WSGI server's hands.

flask-sock looks its `Server` class up when a client connects; the factory puts `Upgrade` there. It answers 101 (rights
were checked before: see `routes.py`), takes the connection away from pywsgi (or gunicorn), and leaves the greenlet free
to end.
"""

import socket
from base64 import b64decode
from typing import Any

import msgspec
from gevent.monkey import get_original
from websockets.utils import accept_key
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed

from app.core.errors import Invalid
from app.core.problems import problem_of, render_problem
from app.core.server import Handler

VERSION = "13"  # RFC 6455 4.1
KEY_BYTES = 16  # RFC 6455 4.2.1: in base64
TOO_OLD = ("HTTP/0.9", "HTTP/1.0")  # their `Upgrade` is to be ignored (RFC 9110 7.8)
HANDLER = "maru.handler"
TAKEN = "maru.taken"  # in the environment of a request whose socket is gone: what Flask answers, nobody sends


class DetachableHandler(Handler):
    """pywsgi's handler, which tells the application who it is, so that its socket can be taken."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ[HANDLER] = self
        return environ


class Upgrade:
    """What flask-sock hands to the route: the detached socket, and what the client sent too early."""

    def __init__(self, environ: dict[str, Any]) -> None:
        if environ["REQUEST_METHOD"] != "GET":  # RFC 6455 4.2.1; Flask lets HEAD in wherever it lets GET in
            raise MethodNotAllowed(["GET"])
        if environ["SERVER_PROTOCOL"] in TOO_OLD or environ.get("HTTP_SEC_WEBSOCKET_VERSION") != VERSION:
            raise UpgradeRequired
        key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
        if not _is_key(key):
            raise BadRequest("The handshake has no valid Sec-WebSocket-Key.")
        self.mode = "pywsgi" if HANDLER in environ else "gunicorn"  # how flask-sock ends the call
        self.socket, self.early = _take_socket(environ)
        environ[TAKEN] = True
        self._answer(key)

    def _answer(self, key: str) -> None:
        """101 in one small write, which a fresh socket takes whole; a client that is gone shows at the first read."""
        answer = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n"
        )
        try:
            self.socket.send(answer.encode())
        except OSError:
            self.early = b""

    def close(self) -> None:
        """Called by flask-sock when the route returns; the connection goes on, on the event loop."""


class UpgradeRequired(HTTPException):
    """426: this address speaks WebSocket only, and one version of it (RFC 9110 15.5.22, RFC 6455 4.4)."""

    code = 426

    def __init__(self) -> None:
        detail = f"This address speaks version {VERSION} of the WebSocket protocol."
        problem = msgspec.structs.replace(problem_of(Invalid(detail)), status=self.code)
        response = render_problem(problem)
        response.headers["Upgrade"] = "websocket"
        response.headers["Connection"] = "Upgrade"
        response.headers["Sec-WebSocket-Version"] = VERSION
        super().__init__(response=response)


def _is_key(key: str) -> bool:
    """Tell whether it is 16 bytes in base64."""
    try:
        return len(b64decode(key, validate=True)) == KEY_BYTES
    except ValueError:
        return False


def _take_socket(environ: dict[str, Any]) -> tuple[socket.socket, bytes]:
    """The raw socket, and bytes that were read along with the handshake."""
    served, early = _leave_pywsgi(environ[HANDLER]) if HANDLER in environ else _leave_gunicorn(environ)
    plain: type[socket.socket] = get_original("socket", "socket")  # nothing of it may switch greenlets
    return plain(fileno=served.detach()), early


def _leave_pywsgi(handler: Any) -> tuple[Any, bytes]:
    """It reads once more when the call ends, unless its handler has no socket any more."""
    served = handler.socket
    served.settimeout(0)  # so that `peek` gives what is there and does not wait
    early = bytes(handler.rfile.peek())
    handler.socket = None
    handler.close_connection = True
    return served, early


def _leave_gunicorn(environ: dict[str, Any]) -> tuple[Any, bytes]:
    """Its gevent worker closes what is left of the socket when the call ends with StopIteration."""
    return environ["gunicorn.socket"], environ["wsgi.input"].reader.unreader.take_buffered()
