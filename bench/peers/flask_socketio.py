"""Flask-SocketIO on gevent with Redis as its message queue (programs/flask_socketio_server.py)."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peer import PROGRAMS, RESULTS, SECRET, SignedPeer, Target, redis, running, setup
from bench.peers.socketio import SocketIO
from tests.serving import free_port

PYTHON = RESULTS / "venv/bin/python"
PACKAGES = ("flask-socketio", "python-socketio", "python-engineio", "gevent", "gevent-websocket", "redis")


class FlaskSocketIO(SignedPeer):
    name = "flask_socketio"
    title = "Flask-SocketIO, Redis"
    spoken = SocketIO.spoken
    lacks = SocketIO.lacks

    def prepare(self) -> dict[str, str]:
        setup(["deploy/setup/bench.sh", "python"])
        script = f"from importlib.metadata import version; print(*map(version, {PACKAGES}))"
        asked = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=True)
        return dict(zip(PACKAGES, asked.stdout.split(), strict=True))

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        port = free_port()
        with redis(folder) as (socket, redis_pid):
            program = PROGRAMS / "flask_socketio_server.py"
            command = [str(PYTHON), str(program), str(port), str(socket), SECRET]
            with running(command, port, folder) as process:
                yield Target(port, (process.pid,), (redis_pid,))


PEER = FlaskSocketIO()
