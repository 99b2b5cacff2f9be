"""Interest: a server hears of those whom somebody connected to it knows, and of nobody else.

A person's topic is subscribed while they are watched here; what is kept of them is read once after that, and from then
on only changes come. Runs on the event loop; what waits is spawned.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import msgspec

from app.bus.leases import BrokerAway
from app.bus.port import Broker
from app.core.clock import Clock
from app.core.ids import UserId
from app.presence.belief import Belief, Standing
from app.presence.keeping import Read, topic
from app.presence.port import PeopleReads, Spawn, Watcher, Work
from app.presence.records import Found, Record, Sight, decode_record
from app.presence.relations import acquaintances
from app.presence.sights import UNSURE_SECONDS, Sights
from app.presence.viewers import Viewer, Viewers, Watched

MAX_TOPICS = 250_000  # people watched by one process; of further ones nothing is known
LOADS_A_TURN = 8  # viewers whose acquaintances are read from the store
LINGER_SECONDS = 10  # a viewer without connections is kept, so that a page can be loaded again for nothing
GREET_SECONDS = 2  # after which a first frame does not wait for Redis any longer
READ_AGAIN_SECONDS = 10  # over which everybody is read again after a loss
SLOW_ROUND_SECONDS = 300  # in which everybody is read again anyway


class Watching:
    """Keeps what is known of everybody watched here in step with what other servers say."""

    def __init__(
        self, *, instance: str, broker: Broker, read: Read, store: PeopleReads, sights: Sights, belief: Belief,
        viewers: Viewers, clock: Clock, later: Callable[[Work], None], spawn: Spawn,
    ) -> None:  # fmt: skip
        self._instance = instance
        self._broker = broker
        self._read = read
        self._store = store
        self._sights = sights
        self._belief = belief
        self._viewers = viewers
        self._clock = clock
        self._later = later
        self._spawn = spawn
        self._to_load: dict[Viewer, None] = {}
        self._to_greet: dict[Viewer, float] = {}  # and since when
        self._to_read: dict[UserId, None] = {}
        self._idle: dict[Viewer, None] = {}
        self._again: deque[UserId] = deque()
        self._again_from = float("inf")
        self._dead: set[str] = set()
        self._words = 0
        self._share = 0.0
        self._has_turn = self._is_reading = False

    def sight(self, user_id: UserId) -> Sight | None:
        """What there is to see of a person watched here."""
        watched = self._viewers.watched.get(user_id)
        return watched.sight if watched is not None and watched.is_read else None

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
        if self._to_load:
            self._ask_for_turn()
        else:
            self._go_on()

    def _change(self, viewer: Viewer, wanted: dict[UserId, bool]) -> None:
        room = MAX_TOPICS - len(self._viewers.watched)
        if len(wanted) > room:
            wanted = {
                user_id: is_contact
                for user_id, is_contact in wanted.items()
                if user_id in self._viewers.watched
            }
        for user_id in self._viewers.change(viewer, wanted, self._begin):
            self._broker.unsubscribe(topic(user_id), self._hear)
            self._to_read.pop(user_id, None)

    def _begin(self, user_id: UserId) -> Watched:
        self._broker.subscribe(topic(user_id), self._hear)
        self._to_read[user_id] = None
        return Watched(self._sights.of(user_id, (), None, is_read=False))

    # --- what is kept ------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Read what is unread, when it is subscribed; then greet who waits for that."""
        if not self._broker.connected:
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
        users, words = list(islice(self._to_read, 250)), self._words
        waiting = [viewer for viewer in self._to_greet if viewer.is_loaded]
        found = self._read(users)
        for user_id in users:
            self._to_read.pop(user_id, None)
        self._viewers.tell_many(
            {
                user_id: sight
                for user_id in users
                if (sight := self._take_found(user_id, found[user_id], words))
            }
        )
        self._greet(
            [viewer for viewer in waiting if not any(user_id in self._to_read for user_id in viewer.watched)]
        )

    def _take_found(self, user_id: UserId, found: Found, words: int) -> Sight | None:
        """`words`: heard in all when the reading began. What a server was heard to say since then is newer."""
        watched = self._viewers.watched.get(user_id)
        if watched is None:
            return None
        kept = {record.instance: record for record in found.records if record.instance != self._instance}
        if watched.stamp > words or self._sights.unsure:
            kept |= {name: record for name, record in watched.records.items() if name not in kept}
        for name, record in watched.records.items():
            if name in kept and record.version > kept[name].version:
                kept[name] = record
        watched.records = kept
        watched.seen = _later(watched.seen, found.seen)
        if self._sights.unsure:
            self._again.append(user_id)
        else:
            watched.is_read = True
        return self._sight(user_id, watched)

    def _greet(self, viewers: Iterable[Viewer]) -> None:
        for viewer in viewers:
            self._to_greet.pop(viewer, None)
            self._viewers.greet(viewer)

    # --- what is said ------------------------------------------------------------------------------------------

    def _hear(self, payload: bytes) -> None:
        try:
            record = decode_record(payload)
        except msgspec.DecodeError:
            return  # of another version of Maru
        if record.instance != self._instance:
            self.take(record)

    def take(self, record: Record) -> None:
        """A server's word; this server's own too, which is not kept but asked for anew each time."""
        watched = self._viewers.watched.get(record.user_id)
        if watched is None:
            return
        if record.instance != self._instance and not self._keep(watched, record):
            return
        if record.state == "offline":
            watched.seen = _later(watched.seen, record)
        self._viewers.tell(record.user_id, self._sight(record.user_id, watched))

    def _keep(self, watched: Watched, record: Record) -> bool:
        known = watched.records.get(record.instance)
        if known is not None and known.version >= record.version:
            return False
        self._words += 1
        watched.records[record.instance] = record
        watched.stamp = self._words
        return True

    def _sight(self, user_id: UserId, watched: Watched) -> Sight:
        return self._sights.of(user_id, watched.records.values(), watched.seen, is_read=watched.is_read)

    # --- what time brings --------------------------------------------------------------------------------------

    def tick(self, *, busy: bool) -> None:
        """To be called every second. `busy`: what can wait shall wait."""
        self._look_at_servers()
        self._drop_idle()
        if not busy:
            self._pick_again()
        now = self._clock.monotonic()
        self._greet([viewer for viewer, since in self._to_greet.items() if now - since > GREET_SECONDS])
        if self._to_load:
            self._ask_for_turn()
        else:
            self._go_on()

    def read_again(self) -> None:
        """Something may have been missed: read everybody anew, once all servers had the time to write."""
        self._again = deque(self._viewers.watched)
        self._again_from = self._clock.monotonic() + UNSURE_SECONDS

    def _look_at_servers(self) -> None:
        """Servers that died or came back change what is seen of all they had."""
        changed = self._belief.look()
        if not changed:
            return
        affected = [
            user_id
            for user_id, watched in self._viewers.watched.items()
            if not watched.records.keys().isdisjoint(changed)
        ]
        for user_id in affected:
            self._forget_dead(self._viewers.watched[user_id], changed)
        self._viewers.tell_many(
            {user_id: self._sight(user_id, self._viewers.watched[user_id]) for user_id in affected}
        )
        self._mind_returned(changed)

    def _forget_dead(self, watched: Watched, changed: Mapping[str, Standing]) -> None:
        for name, record in list(watched.records.items()):
            if changed.get(name) == "over":
                watched.seen = _later(watched.seen, record)
                del watched.records[name]

    def _mind_returned(self, changed: Mapping[str, Standing]) -> None:
        """Of a server that was given up and is back, nothing is known any more."""
        self._dead |= {name for name, standing in changed.items() if standing == "over"}
        returned = self._dead & {name for name, standing in changed.items() if standing == "alive"}
        if returned:
            self._dead -= returned
            self.read_again()

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

    def _pick_again(self) -> None:
        """Some of those who are to be read again: after a loss all within seconds, otherwise a few, round and round."""
        watched = self._viewers.watched
        if not self._again:
            self._again.extend(watched)
            self._again_from = float("inf")
        due = self._clock.monotonic() >= self._again_from
        self._share += len(watched) / (READ_AGAIN_SECONDS if due else SLOW_ROUND_SECONDS)
        some, self._share = int(self._share), self._share % 1
        for _ in range(min(len(self._again), some)):
            user_id = self._again.popleft()
            if user_id in watched:
                self._to_read[user_id] = None


def _later(one: Record | None, other: Record | None) -> Record | None:
    """The one of the later activity, said by the other where they are equal; as the word of somebody who has left."""
    if one is None or other is None:
        return one or other
    return one if (one.last_active_at or 0) > (other.last_active_at or 0) else other
