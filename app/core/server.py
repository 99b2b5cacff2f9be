"""The WSGI server: gevent's pywsgi on a listening socket, and an orderly end."""

import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

log = logging.getLogger(__name__)

IDLE_SECONDS = 75  # for the next request, or the next bytes; longer than proxies keep a link to us (60)
ANSWER_SECONDS = 2.0  # for requests that are being answered when the server ends


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
        self,
        listener: socket.socket,
        application: Callable[..., Any],
        handler_class: type[Handler],
        *,
        shared: bool = False,
    ) -> None:
        """`shared`: other processes accept from the same listener, so that none takes more than one at a time."""
        super().__init__(
            listener, application, handler_class=handler_class, log=None, error_log=log, spawn=Pool(),
            environ={"wsgi.multiprocess": shared},
        )  # fmt: skip
        self.answering = 0

    def end(self) -> None:
        """Give running requests a while, then close every connection. Waits."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while self.answering and time.monotonic() < deadline:
            gevent.sleep(0.01)
        self.stop(timeout=0)
