"""Socket.IO on Node with its Redis adapter (socketio.mjs): what most would take for a chat."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peer import PROGRAMS, SECRET, SignedPeer, Target, node, node_packages, redis, running
from tests.serving import free_port

DIALECT = """
path /socket.io/?EIO=4&transport=websocket
await 0{
say 40{"token":"{token}"}
await 42["live"
message 42{id}["message",{"channel":"{channel}","text":"{text}"}]
acked 43
heard 42["message"
failed 44
# engine.io's ping
reply 2 => 3
"""


class SocketIO(SignedPeer):
    name = "socketio"
    title = "Socket.IO, Redis adapter"
    spoken = DIALECT
    lacks = (
        "stores nothing, catches nobody up, has no order between servers; who may speak is a room joined once"
    )

    def prepare(self) -> dict[str, str]:
        return node_packages("socket.io", "@socket.io/redis-adapter", "ioredis", "ws", "bufferutil")

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        port = free_port()
        with redis(folder) as (socket, redis_pid):
            command = [node(), str(PROGRAMS / "socketio.mjs"), str(port), str(socket), SECRET]
            with running(command, port, folder) as process:
                yield Target(port, (process.pid,), (redis_pid,))


PEER = SocketIO()
