"""What a process does every so often, asked or not: nothing depends on a hint that may be lost."""

import logging
from collections.abc import Callable

from app.accounts.sessions import Sessions
from app.bus.port import Broker
from app.core.loop import EventLoop
from app.core.threads import NativeThreads
from app.discovery.registry import ANNOUNCE_SECONDS, Registry
from app.inbox.tail import Tail
from app.presence.actions import PresenceDesk
from app.realtime.announcements import Announcements
from app.realtime.pulse import Pulse
from app.store.lmdb_store import LmdbStore

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3  # every process looks at the store this often, hints or not
BLIND_SECONDS = 0.1  # and this often while no hints can come
ENDED_SECONDS = 4  # sessions ended elsewhere are looked for this often while no hints can come
MAINTAIN_SECONDS = 60  # and this often otherwise, whatever was announced
NOTE_SECONDS = 5  # how far the history came is written down outside the store


class Housekeeping:
    """Rounds on the event loop; what waits for the disk does so in a native thread."""

    def __init__(
        self,
        *,
        loop: EventLoop,
        broker: Broker,
        store: LmdbStore,
        tail: Tail,
        pulse: Pulse,
        presence: PresenceDesk,
        registry: Registry,
        sessions: Sessions,
        announcements: Announcements,
    ) -> None:
        self._loop = loop
        self._broker = broker
        self._store = store
        self._tail = tail
        self._pulse = pulse
        self._presence = presence
        self._registry = registry
        self._sessions = sessions
        self._announcements = announcements
        self._disk = NativeThreads(threads=1, waiting=2)

    def start(self) -> None:
        """Begin the rounds. They end with the loop."""
        rounds: list[tuple[float, Callable[[], None]]] = [
            (1, self._pulse.tick),
            (1, self._presence.tick),
            (1, self._registry.expire),
            (ANNOUNCE_SECONDS, self._registry.announce),
            (SWEEP_SECONDS, self._tail.look),
            (BLIND_SECONDS, self._while_blind(self._tail.look)),
            (ENDED_SECONDS, self._while_blind(self._look_for_ended_sessions)),
            (MAINTAIN_SECONDS, self._look_for_ended_sessions),
            (MAINTAIN_SECONDS, self._store.maintain),
            (NOTE_SECONDS, lambda: self._loop.spawn(self._note_high_water)),
        ]
        for seconds, work in rounds:
            self._loop.every(seconds, work)

    def close(self) -> None:
        """Note where the history ends. Before the store is closed; waits."""
        self._note_high_water()
        self._disk.close()

    def _while_blind(self, look: Callable[[], None]) -> Callable[[], None]:
        """No hint can come while the broker is away."""
        return lambda: None if self._broker.connected else look()

    def _look_for_ended_sessions(self) -> None:
        self._loop.spawn(lambda: self._announcements.look(self._sessions))

    def _note_high_water(self) -> None:
        """A note that cannot be written is missed after a restore."""
        try:
            self._disk.run(self._store.note_high_water)
        except OSError as error:
            log.warning("how far the history has come could not be noted: %s", error)
