"""The WSGI server: gevent's pywsgi on a listening socket, and an orderly end."""

import logging
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import gevent
from gevent import GreenletExit
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

log = logging.getLogger(__name__)

IDLE_SECONDS = 75  # for the next request, or the next bytes; longer than proxies keep a link to us (60)
ANSWER_SECONDS = 8.0  # for requests that are being answered when the server ends; a busy disk may take long
LAST_REQUEST_SECONDS = 3.0  # for those still to come
READ_SECONDS = 0.05  # to read what has come
LOOK_SECONDS = 0.01
WARM_SECONDS = 1.5  # a link used so lately may bring another request any moment, from a busy client too


class Handler(WSGIHandler):
    """Lets go of silent clients, and tells its server while it answers, and when it last did."""

    server: "Server"
    used_at: float

    def handle(self) -> None:
        self.socket.settimeout(IDLE_SECONDS)
        self.used_at = time.monotonic()
        self.server.links.add(self)
        try:
            super().handle()
        finally:
            self.server.links.discard(self)

    def handle_one_response(self) -> None:
        self.server.answering += 1
        try:
            super().handle_one_response()
        finally:
            self.server.answering -= 1
            self.used_at = time.monotonic()

    def log_request(self) -> None:
        """No line a request; the base class would still write one, for a log that drops it."""

    def handle_error(
        self, t: type[BaseException] | None, v: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Who is not answered when the server ends hears nothing, as if it had been killed: what became of the request
        is not known, and a proxy asks another server where that is safe."""
        if isinstance(v, GreenletExit):
            self.close_connection = True
        else:
            super().handle_error(t, v, tb)

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Once no more connections are taken, the last answer of each says so."""
        if self.server.closed:
            headers = [*headers, ("Connection", "close")]
        return super().start_response(status, headers, exc_info)


class Server(WSGIServer):
    """Logs what goes wrong and not every request. `answering`: requests at work, as opposed to idle connections;
    `links`: all of them."""

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
        self.links: set[Handler] = set()
        self._hurried = False

    def end(self) -> None:
        """Give requests at work a while, and links in use one more request, whose answer says that it was the last:
        closing a link that is about to be used would lose what comes. Then close every connection. Waits.

        A pause of this whole process counts for no more than one look: what came meanwhile has not been read yet.
        """
        began = looked = time.monotonic()
        waited = 0.0
        while not self._hurried and self._is_awaited(began, waited):
            gevent.sleep(LOOK_SECONDS)
            waited += min(time.monotonic() - looked, 2 * LOOK_SECONDS)
            looked = time.monotonic()
        self.stop(timeout=0)

    def _is_awaited(self, began: float, waited: float) -> bool:
        """Whether there is something to wait for, `waited` seconds after it began."""
        if self.answering:
            return waited < ANSWER_SECONDS
        warm_since = began + waited - WARM_SECONDS
        in_use = waited < READ_SECONDS or any(link.used_at > warm_since for link in self.links)
        return waited < LAST_REQUEST_SECONDS and in_use

    def hurry(self) -> None:
        """Wait for nothing any more."""
        self._hurried = True
