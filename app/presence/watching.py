"""Interest: a server hears of those whom somebody connected to it knows, and of nobody else.

A person's topic is subscribed while they are watched here; what is kept of them is read once after that, and from then
on only changes come. Runs on the event loop; what waits is spawned.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from app.bus.leases import BrokerAway
from app.bus.port import Broker
from app.core.clock import Clock
from app.core.ids import UserId
from app.presence.keeping import READ_AT_ONCE, Read
from app.presence.knowledge import Knowledge
from app.presence.port import PeopleReads, Spawn, Watcher, Work
from app.presence.records import Record, Sight
from app.presence.relations import acquaintances
from app.presence.rounds import Rounds
from app.presence.viewers import Viewer, Viewers

MAX_TOPICS = 250_000  # people watched by one process; of further ones nothing is known
LOADS_A_TURN = 8  # viewers whose acquaintances are read from the store
LINGER_SECONDS = 10  # a viewer without connections is kept, so that a page can be loaded again for nothing
GREET_SECONDS = 2  # after which a first frame does not wait for Redis any longer


class Watching:
    """Live connections, whom they watch, and the reading of those nobody watched before."""

    def __init__(
        self, *, broker: Broker, read: Read, store: PeopleReads, knowledge: Knowledge, viewers: Viewers, clock: Clock,
        later: Callable[[Work], None], spawn: Spawn,
    ) -> None:  # fmt: skip
        self._broker = broker
        self._read = read
        self._store = store
        self._knowledge = knowledge
        self._viewers = viewers
        self._clock = clock
        self._later = later
        self._spawn = spawn
        self._rounds = Rounds(clock)
        self._to_load: dict[Viewer, None] = {}
        self._to_greet: dict[Viewer, float] = {}  # and since when
        self._to_read: dict[UserId, None] = {}
        self._idle: dict[Viewer, None] = {}
        self._has_turn = self._is_reading = False

    def sight(self, user_id: UserId) -> Sight | None:
        """What there is to see of a person watched here."""
        watched = self._viewers.watched.get(user_id)
        return watched.sight if watched is not None and watched.is_read else None

    def take(self, record: Record) -> None:
        """A word of this very server: those who watch here hear it without any detour."""
        self._knowledge.take(record)

    # --- who watches -------------------------------------------------------------------------------------------

    def join(self, watcher: Watcher) -> None:
        """A connection is live: it is told of all it watches, once, and of changes from then on."""
        viewers = self._viewers.viewers
        viewer = viewers.get(watcher.user_id)
        if viewer is None:
            viewer = viewers[watcher.user_id] = Viewer(watcher.user_id)
        viewer.watchers[watcher] = False
        viewer.idle_since = None
        self._idle.pop(viewer, None)
        self._to_greet.setdefault(viewer, self._clock.monotonic())
        self._load(viewer)

    def leave(self, watcher: Watcher) -> None:
        """The connection ended. Harmless when it never joined."""
        viewer = self._viewers.viewers.get(watcher.user_id)
        if viewer is not None and viewer.watchers.pop(watcher, None) is not None and not viewer.watchers:
            viewer.idle_since = self._clock.monotonic()
            self._idle[viewer] = None

    def learn(self, user_ids: Iterable[UserId]) -> None:
        """Whom these people know may have changed."""
        for user_id in user_ids:
            viewer = self._viewers.viewers.get(user_id)
            if viewer is not None:
                viewer.is_loaded = False
                self._load(viewer)

    def _load(self, viewer: Viewer) -> None:
        if not viewer.is_loaded:
            self._to_load[viewer] = None
        self._ask_for_turn()

    def _ask_for_turn(self) -> None:
        if not self._has_turn:
            self._has_turn = True
            self._later(self._turn)

    def _turn(self) -> None:
        self._has_turn = False
        for viewer in list(islice(self._to_load, LOADS_A_TURN)):
            del self._to_load[viewer]
            if self._viewers.viewers.get(viewer.user_id) is viewer:
                viewer.is_loaded = True
                self._change(viewer, acquaintances(self._store, viewer.user_id))
        self._go_on()

    def _change(self, viewer: Viewer, wanted: dict[UserId, bool]) -> None:
        watched = self._viewers.watched
        if len(wanted) > MAX_TOPICS - len(watched):
            wanted = {user_id: is_contact for user_id, is_contact in wanted.items() if user_id in watched}
        self._to_read |= dict.fromkeys(user_id for user_id in wanted if user_id not in watched)
        for user_id in self._viewers.change(viewer, wanted, self._knowledge.begin):
            self._knowledge.end(user_id)
            self._to_read.pop(user_id, None)

    # --- what is kept ------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Know whom all watch; then read who is unread, once they are subscribed; then greet who waits for that."""
        if self._to_load:
            self._ask_for_turn()
        elif not self._broker.connected:
            self._greet(list(self._to_greet))
        elif not self._is_reading and (self._to_read or self._to_greet):
            self._is_reading = True
            self._broker.when_subscribed(self._subscribed)

    def _subscribed(self) -> None:
        self._spawn(self._read_all)

    def _read_all(self) -> None:
        try:
            while self._to_read:
                self._read_some()
        except BrokerAway:
            self.read_again()
        finally:
            self._is_reading = False
            self._greet([viewer for viewer in self._to_greet if viewer.is_loaded])

    def _read_some(self) -> None:
        some, words = list(islice(self._to_read, READ_AT_ONCE)), self._knowledge.words
        waiting = [viewer for viewer in self._to_greet if viewer.is_loaded]
        found = self._read(some)
        for user_id in some:
            self._to_read.pop(user_id, None)
        self._rounds.add(self._knowledge.take_found(found, words))
        self._greet([viewer for viewer in waiting if self._to_read.keys().isdisjoint(viewer.watched)])

    def _greet(self, viewers: Iterable[Viewer]) -> None:
        for viewer in viewers:
            self._to_greet.pop(viewer, None)
            self._viewers.greet(viewer)

    # --- what time brings --------------------------------------------------------------------------------------

    def tick(self, *, busy: bool) -> None:
        """To be called every second. `busy`: what can wait shall wait."""
        if self._knowledge.look_at_servers():
            self.read_again()
        self._drop_idle()
        if not busy:
            self._to_read |= dict.fromkeys(self._rounds.due(self._viewers.watched))
        now = self._clock.monotonic()
        self._greet([viewer for viewer, since in self._to_greet.items() if now - since > GREET_SECONDS])
        self._go_on()

    def read_again(self) -> None:
        """Something may have been missed: read everybody anew, before long."""
        self._rounds.begin_anew(self._viewers.watched)

    def _drop_idle(self) -> None:
        now = self._clock.monotonic()
        for viewer in list(self._idle):
            if viewer.idle_since is None or now - viewer.idle_since < LINGER_SECONDS:
                break  # the others came later
            del self._idle[viewer]
            self._to_greet.pop(viewer, None)
            self._to_load.pop(viewer, None)
            self._change(viewer, {})
            del self._viewers.viewers[viewer.user_id]
