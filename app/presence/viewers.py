"""Who is told of whom here: viewers, the people they watch, and the frames they get.

Memory: about 700 bytes a watched person, and 100 a pair of viewer and watched. No I/O here; runs on the event loop.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from app.core.ids import UserId
from app.presence.port import Watcher, Work
from app.presence.records import Record, Sight
from app.presence.wire import UNKNOWN, Presence

Frame = Callable[[Mapping[UserId, Presence]], bytes]
"""A whole WebSocket frame that tells of presences."""

TOLD_A_TURN = (
    100  # viewers told of many changes at once, so that a server that dies does not stop the live ones
)


class Watched:
    """One person of interest: what other servers say of them, and to whom it is told. `stamp`: when a server was last
    heard, in words heard; `is_read`: what is kept of them was read, when all of it was there."""

    __slots__ = ("is_read", "records", "seen", "sight", "stamp", "viewers")

    def __init__(self, sight: Sight) -> None:
        self.records: dict[str, Record] = {}
        self.seen: Record | None = None
        self.viewers: dict[Viewer, bool] = {}
        self.sight = sight
        self.stamp = 0
        self.is_read = False


class Viewer:
    """One person with live connections here. `watchers`: those, and whether they had their first frame; `watched`:
    of whom they are told, and whether it is a contact; `idle_since`: when the last connection ended."""

    __slots__ = ("idle_since", "is_loaded", "user_id", "watched", "watchers")

    def __init__(self, user_id: UserId) -> None:
        self.user_id = user_id
        self.watchers: dict[Watcher, bool] = {}
        self.watched: dict[UserId, bool] = {}
        self.is_loaded = False
        self.idle_since: float | None = None

    def tell(self, frame: bytes) -> None:
        """To those that had their first frame."""
        for watcher, is_greeted in list(self.watchers.items()):
            if is_greeted:
                send(watcher, frame)


def send(watcher: Watcher, frame: bytes) -> None:
    """A connection that cannot be served is ended alone."""
    try:
        watcher.queue(frame)
    except Exception:  # noqa: BLE001  # fail() notes it
        watcher.fail()


class Viewers:
    """All viewers of this process, and everybody they watch."""

    def __init__(self, frame: Frame, later: Callable[[Work], None]) -> None:
        """`later` runs a call once the event loop has looked at its sockets again."""
        self._frame = frame
        self._later = later
        self.viewers: dict[UserId, Viewer] = {}
        self.watched: dict[UserId, Watched] = {}
        self._to_tell: dict[Viewer, dict[UserId, None]] = {}
        self._order: deque[Viewer] = deque()

    def change(
        self, viewer: Viewer, wanted: Mapping[UserId, bool], begin: Callable[[UserId], Watched]
    ) -> list[UserId]:
        """Let the viewer watch exactly these from now on, and tell of the difference. `begin` is asked to start
        watching somebody nobody watched so far. Those whom nobody watches any more are returned, and forgotten."""
        gone = [user_id for user_id in viewer.watched if user_id not in wanted]
        news = [
            user_id for user_id, is_contact in wanted.items() if viewer.watched.get(user_id) != is_contact
        ]
        for user_id in news:
            watched = self.watched.get(user_id)
            if watched is None:
                watched = self.watched[user_id] = begin(user_id)
            watched.viewers[viewer] = wanted[user_id]
        ended = [user_id for user_id in gone if self._let_go(viewer, user_id)]
        viewer.watched = dict(wanted)
        self._tell_difference(viewer, gone, news)
        return ended

    def _let_go(self, viewer: Viewer, user_id: UserId) -> bool:
        watched = self.watched[user_id]
        del watched.viewers[viewer]
        if not watched.viewers:
            del self.watched[user_id]
        return not watched.viewers

    def _tell_difference(self, viewer: Viewer, gone: Iterable[UserId], news: Iterable[UserId]) -> None:
        users = dict.fromkeys(gone, UNKNOWN)
        users |= {user_id: self._shown(viewer, user_id) for user_id in news}
        if users:
            viewer.tell(self._frame(users))

    def greet(self, viewer: Viewer) -> None:
        """Give all connections that had none their first frame: everybody they watch, if anybody."""
        waiting = [watcher for watcher, is_greeted in viewer.watchers.items() if not is_greeted]
        if waiting:
            frame = self._frame({user_id: self._shown(viewer, user_id) for user_id in viewer.watched})
            for watcher in waiting:
                viewer.watchers[watcher] = True
                if viewer.watched:
                    send(watcher, frame)

    def tell(self, user_id: UserId, sight: Sight) -> None:
        """What is to be seen of a person changed: all who watch them hear it at once; encoded once."""
        watched = self.watched[user_id]
        before, watched.sight = watched.sight, sight
        if not sight.differs_from(before):
            return
        frames: dict[Presence, bytes] = {}
        for viewer, is_contact in watched.viewers.items():
            shown = sight.shown_to(is_contact)
            if shown != before.shown_to(is_contact):
                if shown not in frames:
                    frames[shown] = self._frame({user_id: shown})
                viewer.tell(frames[shown])

    def tell_many(self, sights: Mapping[UserId, Sight]) -> None:
        """The same for many people at once: each viewer hears of all of theirs in one frame, some viewers a turn."""
        for user_id, sight in sights.items():
            watched = self.watched[user_id]
            before, watched.sight = watched.sight, sight
            if sight.differs_from(before):
                for viewer in watched.viewers:
                    self._tell_later(viewer, user_id)
        if self._order:
            self._later(self._tell_some)

    def _tell_later(self, viewer: Viewer, user_id: UserId) -> None:
        if any(viewer.watchers.values()):  # the first frame will have it anyway
            if viewer not in self._to_tell:
                self._to_tell[viewer] = {}
                self._order.append(viewer)
            self._to_tell[viewer][user_id] = None

    def _tell_some(self) -> None:
        for _ in range(min(TOLD_A_TURN, len(self._order))):
            viewer = self._order.popleft()
            changed = self._to_tell.pop(viewer)
            users = {
                user_id: self._shown(viewer, user_id) for user_id in changed if user_id in viewer.watched
            }
            if users:
                viewer.tell(self._frame(users))
        if self._order:
            self._later(self._tell_some)

    def _shown(self, viewer: Viewer, user_id: UserId) -> Presence:
        """As it is by now."""
        return self.watched[user_id].sight.shown_to(viewer.watched[user_id])
