"""Presence as the rest of the program uses it: who is here says so, who is live is told, and who asks is answered.

Everything but `of_channel` returns at once and is for the event loop.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from app.accounts.wire import Visibility
from app.bus.leases import BrokerAway, Leases
from app.bus.port import Broker
from app.core.clock import Clock
from app.core.ids import ChannelId, UserId
from app.presence.belief import Belief
from app.presence.canary import LOOK_SECONDS, Canary
from app.presence.groups import Groups
from app.presence.here import SHELVES, Here, Visit
from app.presence.introductions import Ask, Introductions
from app.presence.keeping import Records
from app.presence.knowledge import Knowledge
from app.presence.port import PeopleReads, Servers, Spawn, Watcher, Work
from app.presence.records import Found, Record
from app.presence.relations import relations
from app.presence.sights import Sights
from app.presence.telling import Telling
from app.presence.viewers import Frame, Viewers
from app.presence.watching import Watching
from app.presence.wire import Presence
from app.store.events import ContactEvent, JoinEvent, LeaveEvent, SettingsEvent, decode_event
from app.store.port import Committed

BUSY_MS = 100  # of loop lag; presence is the first thing to wait
ASSERT_ALL_TICKS = 5  # after a loss all shelves are written within so many seconds

_ABOUT_PEOPLE = frozenset({"contact", "join", "leave", "settings"})


class PresenceDesk:
    """Who is here: on this server, and as told by others."""

    def __init__(
        self, *, instance: str, broker: Broker, leases: Leases, servers: Servers, store: PeopleReads, visibilities: Ask,
        clock: Clock, later: Callable[[Work], None], spawn: Spawn, frame: Frame, lag_ms: Callable[[], float],
    ) -> None:  # fmt: skip
        """`instance`: this server. `frame` makes a whole WebSocket frame. `lag_ms`: how late the event loop is."""
        self._clock = clock
        self._broker = broker
        self._store = store
        self._spawn = spawn
        self._lag_ms = lag_ms
        self._records = Records(leases, instance)
        self._telling = Telling(broker, self._records, spawn)
        self.here = Here(instance, clock, self._said, lambda user_id: self._introductions.add(user_id))
        self._introductions = Introductions(visibilities, self.here.set_visibility, spawn)
        belief = Belief(servers, clock)
        self._sights = Sights(self.here, belief, clock)
        self.viewers = Viewers(frame, later)
        knowledge = Knowledge(
            instance=instance, broker=broker, sights=self._sights, belief=belief, viewers=self.viewers
        )
        self._watching = Watching(
            broker=broker, read=self._read, store=store, knowledge=knowledge, viewers=self.viewers, clock=clock,
            later=later, spawn=spawn,
        )  # fmt: skip
        self._groups = Groups(
            store=store, read=self._read, sights=self._sights, watching=self._watching, clock=clock,
            later=later, spawn=spawn, frame=frame,
        )  # fmt: skip
        self._canary = Canary(leases, instance)
        self._ticks = 0
        self._was_connected = False
        self._to_assert: list[int] = []  # shelves, after a loss
        broker.on_connected(self._connected)

    # --- who is here -------------------------------------------------------------------------------------------

    def arrive(self, user_id: UserId, active: bool) -> Visit:
        """A connection said who it is."""
        return self.here.arrive(user_id, active)

    def beat(self, visit: Visit, active: bool) -> None:
        """A connection said whether its device is in use."""
        self.here.beat(visit, active)

    def leave(self, visit: Visit) -> None:
        """A connection ended."""
        self.here.leave(visit)

    def polled(self, user_id: UserId, active: bool) -> None:
        """A device asked for what it missed, instead of being connected."""
        self.here.polled(user_id, active)

    def _said(self, record: Record) -> None:
        """Those who watch here hear it at once; the others once it is kept."""
        self._watching.take(record)
        self._telling.tell(record)

    # --- who watches -------------------------------------------------------------------------------------------

    def watch(self, watcher: Watcher) -> None:
        """A connection is live: it is told of all whom it knows, and of changes."""
        self._watching.join(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """A connection ended. Harmless when it never watched."""
        self._watching.leave(watcher)
        self._groups.close(watcher)

    def open(self, watcher: Watcher, channel_id: ChannelId | None) -> None:
        """A connection has this channel on its screen."""
        self._groups.open(watcher, channel_id)

    def of_channel(self, user_id: UserId, channel_id: ChannelId) -> dict[str, Presence]:
        """Of every member, as this person may see them. Waits for Redis, for a second or two at most. Raises
        NotFound."""
        members = [member.user_id for member in self._store.members(user_id, channel_id)]
        known = relations(self._store, user_id, members)
        return {member: known.shown(member, sight) for member, sight in self._groups.sights(members).items()}

    # --- what happens elsewhere --------------------------------------------------------------------------------

    def taken(self, commits: Sequence[Committed]) -> None:
        """Commits passed the tail: who knows whom may have changed, or who may see somebody."""
        for commit in commits:
            if commit.kind in _ABOUT_PEOPLE:
                self._learn(commit)

    def _learn(self, commit: Committed) -> None:
        match decode_event(commit.body):
            case ContactEvent(user_id=other):
                self._acquainted([UserId(commit.channel_id), UserId(other)])
            case JoinEvent(user_ids=user_ids):
                self._acquainted([UserId(user_id) for user_id in user_ids])
            case LeaveEvent(user_id=user_id):
                self._acquainted([UserId(user_id)])
            case SettingsEvent(profile=profile) if (
                profile is not None and profile.presence is not msgspec.UNSET
            ):
                self._allow(UserId(commit.channel_id), profile.presence)

    def _acquainted(self, user_ids: list[UserId]) -> None:
        self._watching.learn(user_ids)
        self._groups.learn(user_ids)

    def _allow(self, user_id: UserId, visibility: Visibility) -> None:
        """Who may see a person has changed; what is kept of somebody who is away must say so too."""
        if self.here.has(user_id):
            self.here.set_visibility(user_id, visibility)
            self._introductions.add(user_id)  # an older answer may be under way
        else:
            self._spawn(lambda: self._allow_absent(user_id, visibility))

    def _allow_absent(self, user_id: UserId, visibility: Visibility) -> None:
        try:
            seen = self._records.read([user_id])[user_id].seen
        except BrokerAway:
            return  # nobody can read it either; the next time they are here it is right
        if seen is not None and seen.visibility != visibility and not self.here.has(user_id):
            self._said(self.here.word_of_absent(user_id, seen.last_active_at, visibility))

    # --- what time brings --------------------------------------------------------------------------------------

    def tick(self) -> None:
        """To be called every second."""
        busy = self._lag_ms() > BUSY_MS
        self.here.tick()
        self._introductions.go_on()
        self._telling.go_on()
        self._watching.tick(busy=busy)
        self._groups.tick(busy=busy)
        if not busy:
            self._assert_some()
        self._ticks += 1
        if self._ticks % LOOK_SECONDS == 0 and self._broker.connected:
            self._spawn(self._look_at_canary)

    def _assert_some(self) -> None:
        """Write one shelf anew, before its lease is over; after a loss several, and say them too."""
        self._telling.keep(self.here.shelf(self._ticks % SHELVES))
        due = self._to_assert[: SHELVES // ASSERT_ALL_TICKS]
        del self._to_assert[: len(due)]
        for number in due:
            for record in self.here.shelf(number):
                self._telling.tell(record)

    def _connected(self) -> None:
        """The first time nothing was missed."""
        if self._was_connected:
            self._recover()
        self._was_connected = True

    def _read(self, user_ids: Iterable[UserId]) -> dict[UserId, Found]:
        """What is kept of the people, and a look at the canary after it: nobody is offline because all was lost."""
        found = self._records.read(user_ids)
        if found and self._canary.has_died():
            self._recover()
        return found

    def _look_at_canary(self) -> None:
        try:
            if self._canary.has_died():
                self._recover()
        except BrokerAway:
            return  # when it is back, that is noticed by the broker

    def _recover(self) -> None:
        """Redis may have lost what was kept, or we what was said: say all of ours again, and read all others when they
        had the time to do the same."""
        self._sights.doubt()
        self._to_assert = list(range(SHELVES))
        self._watching.read_again()
