"""The chat servers a client may use, as it is told of them."""

import random

from app.accounts.wire import ServerEntry
from app.discovery.ranking import Place, places, ranked
from app.discovery.registry import Registry

PUBLIC = "public"  # what a place is called that is known by nothing but the public origin


class Servers:
    """Ranks those that are alive and take clients; writes their addresses out."""

    def __init__(
        self, registry: Registry, public_origin: str | None, chance: random.Random | None = None
    ) -> None:
        self._registry = registry
        self._public_origin = public_origin
        self._chance = chance or random.Random()

    def ranked(self, asked_at: str, region: str = "") -> list[ServerEntry]:
        """Best first. `asked_at`: the origin the client reached us by, which stands in when none is configured.

        Empty when this server goes away and no other was heard of: there is nobody to send anybody to yet. A process
        that serves no live connections names the public origin then, where others may be.
        """
        origin = self.origin(asked_at)
        found = places(self._registry.takers())
        if not found and self._registry.own() is None:
            return [ServerEntry(id=PUBLIC, url=origin, region="")]
        return [_entry(place, origin) for place in ranked(found, region, self._chance)]

    def origin(self, asked_at: str) -> str:
        """The public origin, where the page and the session's cookie are."""
        return self._public_origin or asked_at

    def others(self) -> int:
        """How many other processes take clients now."""
        return sum(not entry.draining for entry in self._registry.others())

    def elsewhere(self, asked_at: str) -> list[str]:
        """The origins of servers that are on hosts of their own."""
        origin = self.origin(asked_at)
        urls = {entry.address for entry in self._registry.takers() if is_elsewhere(entry.address, origin)}
        return sorted(urls)


def is_elsewhere(address: str, origin: str) -> bool:
    """Whether an address or URL is on another host than the origin, where the session's cookie does not reach."""
    return "://" in address and address != origin and not address.startswith(f"{origin}/")


def _entry(place: Place, origin: str) -> ServerEntry:
    url = place.address if "://" in place.address else origin + place.address
    return ServerEntry(id=place.id, url=url, region=place.region)
