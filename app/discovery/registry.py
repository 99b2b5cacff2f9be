"""Which chat servers are alive: heard from themselves, not read from anywhere (docs/adr/0008).

Each announces itself on a topic every two seconds, at once on a change, and when somebody asks. Who listens keeps what
it heard under a lease counted on its own clock: nothing is stored, no clocks are compared, and a server that is silent
is gone when its lease is over. Runs on the event loop; nothing here waits.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from app.bus.port import Broker
from app.core.clock import Clock

log = logging.getLogger(__name__)

TOPIC = b"servers"
ASKING_TOPIC = b"servers?"
ANNOUNCE_SECONDS = 2
LEASE_SECONDS = 6.0  # two announcements may be lost
DEAF_SECONDS = (
    2.25 * ANNOUNCE_SECONDS
)  # without any announcement, one's own included: it is we who hear nothing

Load = Callable[[], tuple[int, int]]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One process that serves live connections, as it announces itself.

    `instance` is this process and never another; `id` is what an operator calls it. `address`: a whole URL, a path of
    the public origin, or "" for the public origin itself. `gone`: these were its last words.
    """

    instance: str
    id: str
    address: str = ""
    region: str = ""
    capacity: int = 1
    connections: int = 0
    lag_ms: int = 0
    draining: bool = False
    gone: bool = False


@dataclass(slots=True)
class _Heard:
    entry: Entry
    until: float


class Registry:
    """The servers heard of, this one included, if it has an entry of its own."""

    def __init__(
        self, broker: Broker, clock: Clock, own: Entry | None = None, load: Load = lambda: (0, 0)
    ) -> None:
        """`own` is None for a process that serves no live connections. `load`: connections, and lag in ms."""
        self._broker = broker
        self._clock = clock
        self._own = own
        self._load = load
        self._heard: dict[str, _Heard] = {}
        self._heard_at = self._hearing_since = float("-inf")
        broker.subscribe(TOPIC, self._hear)
        broker.subscribe(ASKING_TOPIC, lambda _: self.announce())
        broker.on_connected(self._ask)

    # --- what it says ------------------------------------------------------------------------------------------

    def announce(self) -> None:
        """Say that this server is there, and how it is. To be called every `ANNOUNCE_SECONDS`."""
        if self._own is not None:
            self._broker.publish(TOPIC, msgspec.json.encode(self._present(self._own)))

    def drain(self, draining: bool = True) -> None:
        """Nobody shall be sent here from now on; or again."""
        self._change(draining=draining)

    def leave(self) -> None:
        """This server ends: its lease ends with it."""
        self._change(draining=True, gone=True)

    def _change(self, **changes: bool) -> None:
        if self._own is not None:
            self._own = msgspec.structs.replace(self._own, **changes)
            self.announce()

    def _present(self, own: Entry) -> Entry:
        connections, lag_ms = self._load()
        return msgspec.structs.replace(own, connections=connections, lag_ms=lag_ms)

    def _ask(self) -> None:
        self._broker.publish(ASKING_TOPIC, b"")

    # --- what it hears -----------------------------------------------------------------------------------------

    def _hear(self, payload: bytes) -> None:
        try:
            entry = msgspec.json.decode(payload, type=Entry)
        except msgspec.DecodeError as error:
            log.warning("a server announced itself in a way that is not understood: %s", error)
            return
        now = self._clock.monotonic()
        self._note_hearing(now)
        if self._own is None or entry.instance != self._own.instance:
            self._keep(entry, now)

    def _note_hearing(self, now: float) -> None:
        if now - self._heard_at > DEAF_SECONDS:
            self._hearing_since = now
        self._heard_at = now

    def _keep(self, entry: Entry, now: float) -> None:
        if entry.gone:
            self._heard.pop(entry.instance, None)
        else:
            self._heard[entry.instance] = _Heard(entry, now + LEASE_SECONDS)

    def expire(self) -> None:
        """Let go of servers whose lease is over. To be called now and then."""
        now = self._clock.monotonic()
        self._heard = {name: heard for name, heard in self._heard.items() if heard.until > now}

    def _hears_well(self, now: float) -> bool:
        """Whether it has listened for a whole lease, so that silence means something."""
        return now - self._heard_at <= DEAF_SECONDS and now - self._hearing_since >= LEASE_SECONDS

    # --- what others ask ---------------------------------------------------------------------------------------

    def alive(self, instance: str) -> bool | None:
        """Whether a server's word still counts. None: nobody can say, since this process heard nothing for a while."""
        now = self._clock.monotonic()
        heard = self._heard.get(instance)
        if (self._own is not None and instance == self._own.instance) or (
            heard is not None and heard.until > now
        ):
            return True
        return False if self._hears_well(now) else None

    def own(self) -> Entry | None:
        """This server as it is now."""
        return None if self._own is None else self._present(self._own)

    def others(self) -> list[Entry]:
        """Every other server whose lease holds, draining ones included."""
        now = self._clock.monotonic()
        return [heard.entry for heard in self._heard.values() if heard.until > now]

    def takers(self) -> list[Entry]:
        """The servers that take new clients, this one included."""
        own = self.own()
        return [entry for entry in ([own] if own else []) + self.others() if not entry.draining]
