"""Several serving processes on one machine: what their supervisor opens, starts and keeps for them. No gevent here."""

import os
import sys
from pathlib import Path
from socket import socket

from app.bus.embedded import EmbeddedValkey
from app.config import Config
from app.core.listening import listen, shown_address
from app.core.process import prepare, write_log
from app.core.supervisor import Launch, Supervisor

PROGRAM = Path(__file__).parents[1] / "wsgi.py"


def supervise(config: Config) -> int:
    """Serve with `config.workers` workers until a signal asks to stop; the exit status.

    Raises CannotServe.
    """
    write_log()
    prepare(config.folder)
    shared = listen(config.host, config.port)
    launches = [_launch(config, shared, place) for place in range(1, config.workers + 1)]
    valkey = None if config.redis_url else EmbeddedValkey(config.folder)
    if valkey is not None:
        valkey.start()
    try:
        return Supervisor(
            launches,
            serving=lambda: _say_where(config, shared),
            look_after=_nothing if valkey is None else valkey.ensure_running,
        ).run()
    finally:
        if valkey is not None:
            valkey.stop()


def _launch(config: Config, shared: socket, place: int) -> Launch:
    """A worker on the shared listener; one of a chat server with a name also has a name and a listener of its own."""
    listeners = [shared]
    environment = dict(os.environ)
    if config.server_id is not None:
        listeners.append(listen(config.host, shared.getsockname()[1] + place))
        environment["MARU_SERVER_ID"] = f"{config.server_id}-{place}"
    descriptors = [listener.detach() if listener is not shared else shared.fileno() for listener in listeners]
    numbers = ",".join(map(str, descriptors))
    return Launch([sys.executable, str(PROGRAM), "worker", str(place), numbers], descriptors, environment)


def _say_where(config: Config, shared: socket) -> None:
    print(  # noqa: T201  # for who started it
        f"Maru is at {shown_address(shared)} with {config.workers} workers  (Ctrl-C stops it)", flush=True
    )


def _nothing() -> None:
    """A Redis of the operator's is looked after by the operator."""
