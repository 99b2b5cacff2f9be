"""Maru as a plain WSGI application in a server that is not its own: `gunicorn -k gevent wsgi:app` (docs/adr/0011).

That server forks, patches the standard library, and accepts. Maru begins in each of its workers when the application is
asked for, and goes away in order when the worker is told to.
"""

import atexit
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Any

import gevent
from gevent import monkey

from app.config import CannotServe, read_config
from app.core.process import collect_seldom, prepare
from app.factory import Maru

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def application() -> Application:
    """The WSGI application of this process, which begins to live with it. Raises CannotServe."""
    if not monkey.is_module_patched("socket"):
        raise CannotServe(
            "Maru needs a worker of gevent's that loads it itself: gunicorn -k gevent, no --preload."
        )
    config = read_config()
    prepare(config.folder)
    maru = Maru(config)
    maru.start()
    _Departure(maru).arrange()
    collect_seldom()
    wsgi: Application = maru.app.wsgi_app
    return wsgi


class _Departure:
    """The worker's server waits for the requests it knows; live connections have left it, so we see to those."""

    def __init__(self, maru: Maru) -> None:
        self._maru = maru
        self._goodbye: gevent.Greenlet[..., None] | None = None
        self._theirs: Any = None

    def arrange(self) -> None:
        """Begin at SIGTERM, beside what the server does then, and finish before the process ends."""
        self._theirs = signal.signal(signal.SIGTERM, self._on_signal)
        atexit.register(self._finish)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._begin()
        if callable(self._theirs):
            self._theirs(number, frame)

    def _begin(self) -> "gevent.Greenlet[..., None]":
        if self._goodbye is None:
            self._goodbye = gevent.spawn(self._maru.say_goodbye)
        return self._goodbye

    def _finish(self) -> None:
        """Gunicorn says SystemExit to the main greenlet from one of its own, also when that is here already: so this
        goes on in another, and ends whatever is said meanwhile."""
        ending = gevent.spawn(self._end)
        while not ending.ready():
            with suppress(SystemExit):
                ending.join()

    def _end(self) -> None:
        self._begin().join()
        self._maru.close()
