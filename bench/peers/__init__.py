"""The servers that are measured, one a file: each ends with `PEER`."""

from importlib import import_module
from pathlib import Path

from bench.peer import Peer

FIRST = ("maru", "socketio")
LAST = ("ws",)


def all_peers() -> dict[str, Peer]:
    """Every file of this folder by its name, Maru first and the reference last."""
    names = {file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__"}
    between = sorted(names - {*FIRST, *LAST})
    return {name: import_module(f"bench.peers.{name}").PEER for name in (*FIRST, *between, *LAST)}
