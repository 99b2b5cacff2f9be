"""Which chat server a device is at: along the list it was told, and home when the list is used up.

Sends, history and everything else that is asked and answered stays at home, the origin the person knows; the live
connection, and long polls where they can, go to the server.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from tests.client.rest import Rest
from tests.client.wire import Json, Problem, Unreachable


class Whereabouts:
    """Starts at home. Unless it `discovers`, it stays there."""

    def __init__(self, home: Callable[[], Rest], discovers: bool, region: str = "") -> None:
        self._home = home
        self._discovers = discovers
        self._region = region
        self._urls: list[str] = []
        self.visited: list[str] = []
        """Every server that was gone to, in order."""

    @property
    def url(self) -> str:
        return self._urls[0] if self._urls else self._home().server.base_url

    @property
    def elsewhere(self) -> bool:
        """Whether this server is on another host than home, where no cookie reaches."""
        return _origin(self.url) != _origin(self._home().server.base_url)

    @property
    def live(self) -> Rest:
        """For the WebSocket."""
        home = self._home()
        if not self._urls:
            return home
        headers = {
            name: value for name, value in home.headers.items() if not (self.elsewhere and name == "Cookie")
        }
        return Rest(home.server.sibling(self.url), headers)

    @property
    def polled(self) -> Rest:
        """For `/sync`: at home where this server would not know the session."""
        return self._home() if self.by_ticket else self.live

    @property
    def by_ticket(self) -> bool:
        """Whether this server knows the person by a ticket only, and so by a WebSocket only."""
        return self.elsewhere and "Cookie" in self._home().headers

    async def find(self) -> None:
        """Ask for the list if there is none. Without an answer home is as good as any."""
        if self._discovers and not self._urls:
            try:
                self.told((await self._home().servers(self._region))["servers"])
            except (Problem, Unreachable):
                return
        self.visited += [self.url] if self.visited[-1:] != [self.url] else []

    async def ticket(self) -> str | None:
        """A fresh one, where it is needed. Raises Problem, Unreachable."""
        if not self.by_ticket:
            return None
        answer: str | None = (await self._home().servers(self._region))["ticket"]
        return answer

    def told(self, servers: Sequence[Json]) -> None:
        """These are the servers, best first; home is the last resort."""
        urls = [server["url"].rstrip("/") for server in servers]
        self._urls = list(dict.fromkeys([*urls, self._home().server.base_url]))

    def go_on(self) -> bool:
        """Leave this server for the next of the list; False when there is none: the list is asked for anew."""
        self._urls = self._urls[1:]
        return bool(self._urls)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
