"""One serving process from its start to its end, alone or as a worker of a supervisor.

Import it only after gevent has patched the standard library (`wsgi.py` does).
"""

import signal
import socket
from collections.abc import Sequence

import gevent
from gevent.event import Event

from app.config import Config, read_config
from app.core.listening import inherited, listen, shown_address
from app.core.process import collect_seldom, prepare, write_log
from app.core.server import Server
from app.core.supervisor import READY
from app.factory import Maru
from app.realtime.upgrade import DetachableHandler


def serve_alone(config: Config) -> None:
    """Serve until a signal asks to stop. Raises CannotServe."""
    write_log()
    prepare(config.folder)
    listener = listen(config.host, config.port)
    process = Process(config, [listener], shared=False)
    process.start()
    print(f"Maru is at {shown_address(listener)}  (Ctrl-C stops it)", flush=True)  # noqa: T201  # for who started it
    process.run()


def serve_as_worker(place: int, listeners: Sequence[int], lifeline: int) -> None:
    """Serve on inherited sockets until a signal asks to stop or the supervisor is gone. Raises CannotServe."""
    write_log(place)
    config = read_config()
    prepare(config.folder)
    process = Process(config, [inherited(one) for one in listeners], shared=True)
    line = socket.socket(fileno=lifeline)
    process.end_with(line)
    process.start()
    line.sendall(READY)
    process.run()


class Process:
    """A Maru behind its listeners."""

    def __init__(self, config: Config, listeners: Sequence[socket.socket], *, shared: bool) -> None:
        """`shared`: other processes accept from the same listeners."""
        self._asked_to_stop = Event()
        self._asked_to_hurry = Event()
        self._interrupted = False
        for number in (signal.SIGTERM, signal.SIGHUP):  # the latter when its terminal is closed
            gevent.signal_handler(number, self._asked_to_stop.set)
        gevent.signal_handler(signal.SIGINT, self._interrupt)
        self._maru = Maru(config)
        self._servers = [
            Server(listener, self._maru.app, DetachableHandler, shared=shared) for listener in listeners
        ]

    def end_with(self, line: socket.socket) -> None:
        """Stop when the other end of this line is gone, whatever became of who held it."""
        gevent.spawn(self._watch, line)

    def _watch(self, line: socket.socket) -> None:
        while line.recv(16):
            pass
        self._asked_to_stop.set()

    def _interrupt(self) -> None:
        """Ctrl-C; and once more by somebody who does not want to wait. (In a terminal the first one reaches a worker
        twice, by its supervisor's SIGTERM too.)"""
        if self._interrupted:
            self._asked_to_hurry.set()
        self._interrupted = True
        self._asked_to_stop.set()

    def start(self) -> None:
        """Begin to answer."""
        self._maru.start()
        for server in self._servers:
            server.start()
        collect_seldom()

    def run(self) -> None:
        """Wait until it is asked to stop, and stop in order."""
        self._asked_to_stop.wait()
        for server in self._servers:
            server.close()
        gevent.spawn(self._hurry_when_asked)
        self._maru.say_goodbye()
        gevent.joinall([gevent.spawn(server.end) for server in self._servers])
        self._maru.close()

    def _hurry_when_asked(self) -> None:
        self._asked_to_hurry.wait()
        self._maru.hurry()
        for server in self._servers:
            server.hurry()
