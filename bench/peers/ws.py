"""Bare `ws` on Node (ws.mjs): near the limit of what one process can write without gathering messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peer import PROGRAMS, SECRET, Kind, Peer, Seat, Target, node, node_packages, running, signed_seat
from tests.serving import free_port

DIALECT = """
path /
header Authorization: Bearer {token}
await live
message m{id} {text}
acked ok
heard m
"""


class Ws(Peer):
    name = "ws"
    title = "bare ws on Node"
    lacks = "a reference and no chat: stores nothing, one process only, no rooms but its own, no catching up"

    def prepare(self) -> dict[str, str]:
        return node_packages("ws", "bufferutil")

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        port = free_port()
        with running([node(), PROGRAMS / "ws.mjs", str(port), SECRET], port, folder) as process:
            yield Target(port, (process.pid,))

    def dialect(self, kind: Kind) -> str:
        return DIALECT

    def seat(self, folder: Path, number: int, kind: Kind) -> Seat:
        return signed_seat(number, kind)


PEER = Ws()
