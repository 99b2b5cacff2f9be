"""Bare `ws` on Node (ws.mjs): near the limit of what one process can write without gathering messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peer import PROGRAMS, SECRET, SignedPeer, Target, node, node_packages, running
from tests.serving import free_port

DIALECT = """
path /
header Authorization: Bearer {token}
await live
message m{id} {text}
acked ok
heard m
"""


class Ws(SignedPeer):
    name = "ws"
    title = "bare ws on Node"
    spoken = DIALECT
    lacks = "a reference and no chat: stores nothing, one process only, no rooms but its own, no catching up"

    def prepare(self) -> dict[str, str]:
        return node_packages("ws", "bufferutil")

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        port = free_port()
        with running([node(), PROGRAMS / "ws.mjs", str(port), SECRET], port, folder) as process:
            yield Target(port, (process.pid,))


PEER = Ws()
