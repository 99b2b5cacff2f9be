"""Groups: presence is read when somebody opens one and refreshed while it is open; no change fans out to a hundred.

A channel is read once for all who have it open here, at most every 5 s, and only differences are sent. Memory: about
200 bytes a member of an open channel, and 100 a contact of each viewer.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from app.bus.leases import BrokerAway
from app.core.clock import Clock
from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId
from app.presence.keeping import Read
from app.presence.port import PeopleReads, Spawn, Watcher, Work
from app.presence.records import Found, Sight
from app.presence.relations import Relations, relations
from app.presence.sights import Sights
from app.presence.viewers import Frame, send
from app.presence.watching import Watching
from app.presence.wire import Presence

REFRESH_SECONDS = 5
READS_A_SECOND = 2_000  # people read for open groups; beyond it refreshes wait
OPENED_A_TURN = 8


class Opened:
    """A channel on somebody's screen. `viewers`: with what they may see, None until they were told for the first time;
    `sights`: what was read last."""

    __slots__ = ("read_at", "sights", "viewers")

    def __init__(self) -> None:
        self.viewers: dict[Watcher, Relations | None] = {}
        self.sights: dict[UserId, Sight] = {}
        self.read_at = float("-inf")


class Groups:
    """Which groups are open here, and what was told of them."""

    def __init__(
        self, *, store: PeopleReads, read: Read, sights: Sights, watching: Watching, clock: Clock,
        later: Callable[[Work], None], spawn: Spawn, frame: Frame,
    ) -> None:  # fmt: skip
        self._store = store
        self._read_kept = read
        self._sights = sights
        self._watching = watching
        self._clock = clock
        self._later = later
        self._spawn = spawn
        self._frame = frame
        self._channel_of: dict[Watcher, ChannelId] = {}
        self._to_open: dict[Watcher, None] = {}
        self._opened: dict[ChannelId, Opened] = {}
        self._allowance = READS_A_SECOND
        self._is_reading = False

    # --- who has what open -------------------------------------------------------------------------------------

    def open(self, watcher: Watcher, channel_id: ChannelId | None) -> None:
        """A connection has this channel on its screen, or none. The same again changes nothing."""
        if self._channel_of.get(watcher) == channel_id:
            return
        self.close(watcher)
        if channel_id is not None:
            self._channel_of[watcher] = channel_id
            if not self._to_open:
                self._later(self._open_some)
            self._to_open[watcher] = None

    def close(self, watcher: Watcher) -> None:
        """It has nothing open any more. Harmless when it had not."""
        channel_id = self._channel_of.pop(watcher, None)
        self._to_open.pop(watcher, None)
        opened = self._opened.get(channel_id) if channel_id is not None else None
        if channel_id is not None and opened is not None:
            opened.viewers.pop(watcher, None)
            if not opened.viewers:
                del self._opened[channel_id]

    def learn(self, user_ids: Iterable[UserId]) -> None:
        """How these people stand to others may have changed: they are told anew with the next refresh."""
        concerned = set(user_ids)
        for opened in self._opened.values():
            for watcher in opened.viewers:
                if watcher.user_id in concerned:
                    opened.viewers[watcher] = None

    def _open_some(self) -> None:
        for watcher in list(islice(self._to_open, OPENED_A_TURN)):
            del self._to_open[watcher]
            channel_id = self._channel_of[watcher]
            if self._is_group_of(watcher.user_id, channel_id):
                opened = self._opened.setdefault(channel_id, Opened())
                opened.viewers[watcher] = None
                if opened.sights and not self._is_due(opened):
                    self._tell(opened, {})
        if self._to_open:
            self._later(self._open_some)
        self._refresh()

    def _is_group_of(self, user_id: UserId, channel_id: ChannelId) -> bool:
        """In a direct channel the other one is watched anyway."""
        try:
            return self._store.channel(user_id, channel_id).kind == "group"
        except NotFound:
            return False

    # --- what is told ------------------------------------------------------------------------------------------

    def tick(self, *, busy: bool) -> None:
        """To be called every second. `busy`: what can wait shall wait."""
        self._allowance = min(2 * READS_A_SECOND, self._allowance + READS_A_SECOND)
        if not busy:
            self._refresh()

    def _is_due(self, opened: Opened) -> bool:
        return self._clock.monotonic() - opened.read_at >= REFRESH_SECONDS

    def _refresh(self) -> None:
        if not self._is_reading and any(map(self._is_due, self._opened.values())):
            self._is_reading = True
            self._spawn(self._read_due)

    def _read_due(self) -> None:
        try:
            for channel_id, opened in list(self._opened.items()):
                if self._allowance <= 0:
                    return
                if self._is_due(opened) and self._opened.get(channel_id) is opened:
                    self._read(channel_id, opened)
        finally:
            self._is_reading = False

    def _read(self, channel_id: ChannelId, opened: Opened) -> None:
        """The one read last comes last again, so that a small allowance goes round."""
        opened.read_at = self._clock.monotonic()
        self._opened[channel_id] = self._opened.pop(channel_id)
        members = self._store.audience(channel_id)
        self._allowance -= len(members)
        sights = self.sights(members)
        for watcher in [watcher for watcher in opened.viewers if watcher.user_id not in sights]:
            self.close(watcher)
        before, opened.sights = opened.sights, sights
        if sights.keys() - before.keys():  # how a newcomer stands to the viewers is not known yet
            opened.viewers = dict.fromkeys(opened.viewers)
        self._tell(
            opened,
            {user_id: sight for user_id, sight in sights.items() if _is_news(before.get(user_id), sight)},
        )

    def sights(self, user_ids: Iterable[UserId]) -> dict[UserId, Sight]:
        """What there is to see of each of the people. Waits; of whom nothing can be read now, less is known."""
        known = {user_id: self._watching.sight(user_id) for user_id in user_ids}
        missing = [user_id for user_id, sight in known.items() if sight is None]
        try:
            found = self._read_kept(missing)
            is_read = not self._sights.unsure
        except BrokerAway:
            found, is_read = dict.fromkeys(missing, Found()), False
        return {
            user_id: sight
            or self._sights.of(user_id, found[user_id].records, found[user_id].seen, is_read=is_read)
            for user_id, sight in known.items()
        }

    def _tell(self, opened: Opened, changes: Mapping[UserId, Sight]) -> None:
        """All of it to those who were told nothing yet, the changes to the others: encoded once if all see the same."""
        shared: bytes | None = None
        open_to_all = all(sight.visibility != "contacts" for sight in changes.values())
        for watcher, known in list(opened.viewers.items()):
            if known is None:
                known = opened.viewers[watcher] = relations(self._store, watcher.user_id, opened.sights)
                send(watcher, self._frame(_shown(known, opened.sights)))
            elif (
                changes and open_to_all and known.hidden.isdisjoint(changes) and known.user_id not in changes
            ):
                shared = shared or self._frame(
                    {user_id: sight.shown_to(False) for user_id, sight in changes.items()}
                )
                send(watcher, shared)
            elif changes:
                send(watcher, self._frame(_shown(known, changes)))


def _is_news(before: Sight | None, sight: Sight) -> bool:
    return before is None or sight.differs_from(before)


def _shown(known: Relations, sights: Mapping[UserId, Sight]) -> dict[UserId, Presence]:
    return {user_id: known.shown(user_id, sight) for user_id, sight in sights.items()}
