"""A wire between a server and its Redis that can be cut: bytes from a port to a unix socket and back, or nowhere."""

from pathlib import Path

from tests.line import Line
from tests.loop_thread import LoopThread


class Relay(LoopThread):
    """`with Relay(path) as relay:` and give `relay.url` to a server as REDIS_URL. Runs in a thread of its own."""

    def __init__(self, target: Path) -> None:
        super().__init__("relay")
        self._line = Line(target)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._line.port}"

    def cut(self) -> None:
        """From now on nothing arrives on either side, and neither is told: as when a cable is pulled out."""
        self._loop.call_soon_threadsafe(self._line.stall)

    def mend(self) -> None:
        """What was on its way when it was cut is lost with its connection; new ones work."""
        self._run(self._mend())

    async def _listen(self) -> None:
        await self._line.start()

    async def _mend(self) -> None:
        self._line.cut()
        self._line.heal()

    async def _close(self) -> None:
        await self._line.close()
