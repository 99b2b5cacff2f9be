"""A Maru that somebody else runs: people go through a line of ours, so the network can be broken, and nothing else.

It needs open sign-up and no rate limits. Plain HTTP.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.line import Line


class Way:
    """One line there."""

    def __init__(self, host: str, port: int) -> None:
        self.line = Line((host, port))

    @property
    def url(self) -> str:
        return self.line.url


class Elsewhere:
    """Stands where a cluster stands."""

    trust = None

    def __init__(self, url: str, ways: int) -> None:
        parts = urlsplit(url)
        self.places = [Way(parts.hostname or "127.0.0.1", parts.port or 80) for _ in range(ways)]

    async def heal(self) -> None:
        for place in self.places:
            place.line.heal()

    def dead(self) -> list[str]:
        """Nobody tells us."""
        return []

    def logs(self) -> dict[str, str]:
        """Nobody shows us any."""
        return {}


@asynccontextmanager
async def reached(url: str, ways: int) -> AsyncIterator[Elsewhere]:
    """`ways` lines to one address: what is broken on one, people on the others do not feel."""
    elsewhere = Elsewhere(url, ways)
    try:
        for place in elsewhere.places:
            await place.line.start()
        yield elsewhere
    finally:
        for place in elsewhere.places:
            await place.line.close()
