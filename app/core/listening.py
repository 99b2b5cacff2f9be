"""Listening sockets. No gevent here: a supervisor opens them for workers that inherit them."""

import socket
from contextlib import ExitStack

from app.config import CannotServe

BACKLOG = 2048  # handshakes waiting to be accepted after a restart
KEEPALIVE = {
    "TCP_KEEPIDLE": 60,
    "TCP_KEEPINTVL": 15,
    "TCP_KEEPCNT": 4,
}  # seconds, seconds, probes; where they exist


class CannotListen(CannotServe):
    """The address cannot be used."""


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
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"Cannot listen on {host} port {port}: {reason}. Choose another with PORT=."
        ) from None
    return listener


def inherited(descriptor: int) -> socket.socket:
    """A listening socket that was opened by the process that started this one."""
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    return listener


def shown_address(listener: socket.socket) -> str:
    """The URL by which it is reached on this machine."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _set_options(listener: socket.socket) -> None:
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, number in KEEPALIVE.items():
        if hasattr(socket, option):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), number)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
