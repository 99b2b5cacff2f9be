"""The WSGI server: one listening socket, gevent's pywsgi on it, an orderly end."""

import logging
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

log = logging.getLogger(__name__)

BACKLOG = 2048  # handshakes waiting to be accepted after a restart
IDLE_SECONDS = 75  # for the next request, or the next bytes; longer than proxies keep a link to us (60)
ANSWER_SECONDS = 2.0  # for requests that are being answered when the server ends
KEEPALIVE = {
    "TCP_KEEPIDLE": 60,
    "TCP_KEEPINTVL": 15,
    "TCP_KEEPCNT": 4,
}  # seconds, seconds, probes; where they exist


class CannotListen(Exception):
    """The address cannot be used; the text is a sentence for the person who chose it."""


class Handler(WSGIHandler):
    """Lets go of silent clients, and tells its server while it answers."""

    server: "Server"

    def handle(self) -> None:
        self.socket.settimeout(IDLE_SECONDS)
        super().handle()

    def handle_one_response(self) -> None:
        self.server.answering += 1
        try:
            super().handle_one_response()
        finally:
            self.server.answering -= 1

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Once no more connections are taken, the last answer of each says so."""
        if self.server.closed:
            headers = [*headers, ("Connection", "close")]
        return super().start_response(status, headers, exc_info)


class Server(WSGIServer):
    """Logs what goes wrong and not every request. `answering`: requests at work, as opposed to idle connections."""

    def __init__(
        self, listener: socket.socket, application: Callable[..., Any], handler_class: type[Handler]
    ) -> None:
        super().__init__(
            listener, application, handler_class=handler_class, log=None, error_log=log, spawn=Pool()
        )
        self.answering = 0

    def end(self) -> None:
        """Give running requests a while, then close every connection. Waits."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while self.answering and time.monotonic() < deadline:
            gevent.sleep(0.01)
        self.stop(timeout=0)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. What is set on it holds for what it accepts: TCP_NODELAY (pywsgi does not set it), and
    probes that find peers which vanished. Raises CannotListen."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with ExitStack() as undo:
            listener = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            _set_options(listener)
            listener.bind((host, port))
            listener.listen(BACKLOG)
            undo.pop_all()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotListen(
            f"Cannot listen on {host} port {port}: {reason}. Choose another with PORT=."
        ) from None
    return listener


def _set_options(listener: socket.socket) -> None:
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, number in KEEPALIVE.items():
        if hasattr(socket, option):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), number)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
