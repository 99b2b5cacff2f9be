"""Flask-SocketIO on gevent with Redis as its message queue (programs/flask_socketio_server.py)."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peer import PROGRAMS, RESULTS, SECRET, Kind, Peer, Seat, Target, redis, running, setup, signed_seat
from bench.peers.socketio import DIALECT
from tests.serving import free_port

PYTHON = RESULTS / "venv/bin/python"
PACKAGES = ("flask-socketio", "python-socketio", "python-engineio", "gevent", "gevent-websocket", "redis")


class FlaskSocketIO(Peer):
    name = "flask_socketio"
    title = "Flask-SocketIO, Redis"
    lacks = (
        "stores nothing, catches nobody up, has no order between servers; who may speak is a room joined once"
    )

    def prepare(self) -> dict[str, str]:
        setup(["deploy/setup/bench.sh", "python"])
        script = f"from importlib.metadata import version; print(*map(version, {PACKAGES}))"
        asked = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=True)
        return dict(zip(PACKAGES, asked.stdout.split(), strict=True))

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        port = free_port()
        with redis(folder) as (socket, redis_pid):
            command = [
                str(PYTHON),
                str(PROGRAMS / "flask_socketio_server.py"),
                str(port),
                str(socket),
                SECRET,
            ]
            with running(command, port, folder) as process:
                yield Target(port, (process.pid,), (redis_pid,))

    def dialect(self, kind: Kind) -> str:
        return DIALECT

    def seat(self, folder: Path, number: int, kind: Kind) -> Seat:
        return signed_seat(number, kind)


PEER = FlaskSocketIO()
