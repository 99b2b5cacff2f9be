"""The same program on flask-sock as it comes (bench/stock.py): what taking the socket out of its hands is worth."""

from importlib.metadata import version
from pathlib import Path

from bench.peers.maru import Maru


class Stock(Maru):
    name = "stock"
    title = "stock flask-sock"
    lacks = "the same store and promises; one slow reader holds everybody up, and a full socket loses parts of frames"
    command = ("-m", "bench.stock")
    path = "/api/v1/ws-as-it-comes"
    descriptors = 2  # of a connection

    def prepare(self) -> dict[str, str]:
        return {name: version(name) for name in ("flask-sock", "simple-websocket", "wsproto")}

    def populate(self, folder: Path, people: int) -> None:
        """Takes Maru's."""
        maru = folder.parent / "maru"
        if not (maru / "populated").exists():
            super().populate(maru, people)
        (folder / "populated").symlink_to(maru / "populated")


PEER = Stock()
