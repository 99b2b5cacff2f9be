"""The servers that the table is read to: Maru, and two that give every message back."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.case import Binary, Closed, Heard, Ponged, Taken, Welcomed, taken
from tests.conformance.line import Line, ServerFrame
from tests.conformance.octets import BINARY, CLOSE, PONG, TEXT, text
from tests.conformance.rows.limits import LIMIT

PEERS = Path(__file__).parent / "peers"
HELLO = b'{"type":"hello","cursor":null,"active":true}'

_UNKNOWN = re.compile(r"Invalid value '(.*)'", re.DOTALL)


@dataclass(frozen=True)
class Subject:
    """A server to be spoken to. `understand` turns the payload of a text frame into what is heard by it; None: it says
    nothing to the case at hand."""

    name: str
    port: int
    path: str
    understand: Callable[[bytes], Heard | None]
    headers: tuple[str, ...] = ()
    hello: bytes = b""
    """Said before a case begins, and its answer waited for. A peer has none."""

    @property
    def is_peer(self) -> bool:
        return not self.hello

    def hear(self, line: Line) -> tuple[Heard | None, bytes]:
        """The next thing that belongs to the case, with its raw payload; None at the end of the line."""
        while (frame := line.read_frame()) is not None:
            heard = self._understood(frame)
            if heard is not None:
                return heard, frame.payload
        return None, b""

    def _understood(self, frame: ServerFrame) -> Heard | None:
        if frame.opcode == TEXT:
            return self.understand(frame.payload)
        if frame.opcode == BINARY:
            return Binary(len(frame.payload))
        if frame.opcode == PONG:
            return Ponged(frame.payload)
        assert frame.opcode == CLOSE, "nobody here is pinged"
        return Closed(int.from_bytes(frame.payload[:2], "big") if frame.payload else 1005)


def maru(port: int, token: str) -> Subject:
    return Subject(
        "Maru", port, "/api/v1/ws", understand_maru, (f"Authorization: Bearer {token}",), text(HELLO)
    )


def understand_maru(payload: bytes) -> Heard | None:
    """Maru names the type it does not know; what it says on its own account is passed over."""
    frame = json.loads(payload)
    if frame["type"] == "welcome":
        return Welcomed()
    if frame["type"] != "error":
        return None
    word = _UNKNOWN.fullmatch(frame.get("fields", {}).get("type", ""))
    return Taken(frame.get("id"), word.group(1) if word else None)


@contextmanager
def peer(name: str) -> Iterator[Subject]:
    """`ws` or `websockets`, started as a process and ended with it."""
    command = {
        "ws": [str(PEERS / "node.sh"), "ws_server.mjs"],
        "websockets": [sys.executable, str(PEERS / "websockets_server.py")],
    }[name]
    with subprocess.Popen([*command, str(LIMIT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            announced = process.stdout.readline()
            assert announced, f"{name} did not start: its own words stand above"
            yield Subject(name, int(announced), "/", taken)
        finally:
            process.stdin.close()
