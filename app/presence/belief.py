"""Whose word counts: a server's does while it lives; for a grace after its death nobody can say; then it is over."""

from typing import Literal

from app.core.clock import Clock
from app.presence.port import Servers

GRACE_SECONDS = 30  # after a server died: its people are coming back elsewhere
FORGET_SECONDS = 600  # after which a dead server's name is let go; its records ran out long ago

Standing = Literal["alive", "doubted", "over"]


class Belief:
    """Remembers since when a server is not heard; about as many entries as servers."""

    def __init__(self, servers: Servers, clock: Clock) -> None:
        self._servers = servers
        self._clock = clock
        self._since: dict[str, float] = {}  # of those that are not alive: when that was noticed, at each look
        self._standing: dict[str, Standing] = {}

    def standing(self, instance: str) -> Standing:
        """As of the last look."""
        known = self._standing.get(instance)
        if known is None:
            known = self._standing[instance] = self._judge(instance)
        return known

    def look(self) -> dict[str, Standing]:
        """What changed since the last look. To be called every second or so."""
        changed: dict[str, Standing] = {}
        for instance, before in list(self._standing.items()):
            now = self._judge(instance)
            if now != before:
                changed[instance] = self._standing[instance] = now
            elif now == "over" and self._silent(instance) > FORGET_SECONDS:
                del self._standing[instance], self._since[instance]
        return changed

    def _judge(self, instance: str) -> Standing:
        alive = self._servers.alive(instance)
        if alive:
            self._since.pop(instance, None)
            return "alive"
        since = self._since.setdefault(instance, self._clock.monotonic())
        if alive is None:  # it is we who hear nothing: no grace runs
            if self._standing.get(instance) != "over":
                self._since[instance] = self._clock.monotonic()
                return "doubted"
            return "over"
        return "doubted" if self._clock.monotonic() - since < GRACE_SECONDS else "over"

    def _silent(self, instance: str) -> float:
        return self._clock.monotonic() - self._since.get(instance, self._clock.monotonic())
