"""The WSGI server: one listening socket, gevent's pywsgi on it, an orderly end."""

import logging
import socket
from collections.abc import Callable
from typing import Any

from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

log = logging.getLogger(__name__)

BACKLOG = 2048  # handshakes waiting to be accepted after a restart
STOP_SECONDS = 10  # for requests that are being answered


class CannotListen(Exception):
    """The address cannot be used; the text is a sentence for the person who chose it."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. TCP_NODELAY is inherited by what it accepts (pywsgi does not set it). Raises CannotListen."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotListen(
            f"Cannot listen on {host} port {port}: {reason}. Choose another with PORT=."
        ) from None
    return listener


def make_server(
    listener: socket.socket, application: Callable[..., Any], handler_class: type[Any]
) -> WSGIServer:
    """A server that logs what goes wrong and not every request."""
    return WSGIServer(
        listener, application, handler_class=handler_class, log=None, error_log=log, spawn=Pool()
    )


def stop_server(server: WSGIServer) -> None:
    """Take no more connections, and give running requests a while."""
    server.close()
    server.stop(timeout=STOP_SECONDS)
