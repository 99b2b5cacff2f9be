"""The hub: this process's live listeners, and the delivery of each commit to those who may hear it.

Encode once: a run of commits of one channel becomes one frame, the same bytes for everybody. Frames leave in the
order of the commit index, so each may carry a cursor: all of anybody's up to it was queued before it, or is in it.
Runs on the event loop; nothing here waits.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Protocol

from app.core.ids import ChannelId, SessionId, UserId, personal_channel
from app.realtime.frames import text_frame
from app.realtime.wire import Close, events_frame
from app.store.cursor import Position
from app.store.events import JoinEvent, LeaveEvent, decode_event
from app.store.port import Committed

log = logging.getLogger(__name__)

MAX_ENDED = 10_000  # sessions that were ended, remembered for those who were about to listen
MAX_RUN_BYTES = 192 * 1024  # event bytes in one frame; with one more message it still is below 256 KiB


class Listener(Protocol):
    """Somebody who hears the tail. `floor`: all up to this commit was sent before it joined."""

    user_id: UserId
    session_id: SessionId
    floor: int
    channels: list[ChannelId]

    def queue(self, frame: bytes) -> None:
        """Take a WebSocket frame to send at the end of this turn. Never blocks; may end the listener."""

    def close(self, code: Close) -> None:
        """End it, and say why."""

    def fail(self) -> None:
        """End it because something of ours broke; it resumes from its cursor."""


class Hub:
    """Who listens to which channel here. A person's own channel stands for all their listeners.

    A route is a tuple: most have one listener or two, for whom a dict takes four times the memory, and what is
    delivered needs one that stays as it is meanwhile.
    """

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._listeners: dict[Listener, None] = {}
        self._routes: dict[ChannelId, tuple[Listener, ...]] = {}
        self._ended: OrderedDict[SessionId, None] = OrderedDict()

    def join(self, listener: Listener, channel_ids: Sequence[ChannelId], floor: int) -> None:
        """Let the listener hear what comes after `floor`, in its channels as of that commit.

        To be called in the same turn as the snapshot was read: the tail's position is then at most `floor`.
        Joins and leaves up to `floor` that the tail has yet to take are applied again and change nothing in the end.
        A listener whose session was ended since it was checked is closed instead.
        """
        if listener.session_id in self._ended:
            listener.close(Close.REVOKED)
            return
        listener.floor = floor
        self._listeners[listener] = None
        listener.channels = [personal_channel(listener.user_id), *channel_ids]
        for channel_id in listener.channels:
            self._add(listener, channel_id)

    def leave(self, listener: Listener) -> None:
        """Forget the listener. Harmless when it never joined."""
        self._listeners.pop(listener, None)
        for channel_id in listener.channels:
            self._drop(listener, channel_id)
        listener.channels = []

    def hears(self, listener: Listener, channel_id: ChannelId) -> bool:
        """Whether the listener is in the channel now."""
        return listener in self._routes.get(channel_id, ())

    def listeners(self, channel_id: ChannelId) -> tuple[Listener, ...]:
        """Those who hear a channel here; safe to keep while it changes."""
        return self._routes.get(channel_id, ())

    def end_session(self, session_id: SessionId) -> None:
        """Close what listens for a session that was ended, and what will."""
        self._ended[session_id] = None
        if len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)
        for listener in self._all():
            if listener.session_id == session_id:
                listener.close(Close.REVOKED)

    def session_ids(self) -> set[SessionId]:
        """The sessions that something listens for."""
        return {listener.session_id for listener in self._all()}

    def _all(self) -> list[Listener]:
        return list(self._listeners)

    def deliver(self, commits: Sequence[Committed]) -> None:
        """Send commits, dense and ascending, to those who may see them.

        What could not be delivered must not be passed over by a later cursor: who might have missed it is ended, and
        resumes from what it has.
        """
        try:
            for run in runs(commits):
                self._deliver_run(run)
        except Exception:
            log.exception("commits %d to %d could not be delivered", commits[0].g, commits[-1].g)
            for listener in self._all():
                listener.fail()

    def _deliver_run(self, run: Sequence[Committed]) -> None:
        last = run[-1]
        event = decode_event(last.body) if last.kind in ("join", "leave") else None
        if isinstance(event, JoinEvent):
            self._join_people(last.channel_id, event)
        route = self._routes.get(last.channel_id)
        if route:
            self._send(run, route)
        if isinstance(event, LeaveEvent):
            for listener in self.listeners(personal_channel(UserId(event.user_id))):
                self._drop(listener, last.channel_id)
                if last.channel_id in listener.channels:
                    listener.channels.remove(last.channel_id)

    def _send(self, run: Sequence[Committed], listeners: tuple[Listener, ...]) -> None:
        first, last = run[0].g, run[-1].g
        frame = self._frame(run)
        for listener in listeners:
            try:
                if listener.floor < first:
                    listener.queue(frame)
                elif listener.floor < last:
                    listener.queue(self._frame([row for row in run if row.g > listener.floor]))
            except Exception:  # noqa: BLE001  # fail() notes it
                listener.fail()

    def _frame(self, run: Sequence[Committed]) -> bytes:
        return text_frame(events_frame([row.body for row in run], self.cursor(run[-1].g)))

    def cursor(self, g: int) -> str:
        return Position(self._epoch, g).encode()

    def _join_people(self, channel_id: ChannelId, event: JoinEvent) -> None:
        for user_id in event.user_ids:
            for listener in self.listeners(personal_channel(UserId(user_id))):
                self._add(listener, channel_id)
                if channel_id not in listener.channels:
                    listener.channels.append(channel_id)

    def _add(self, listener: Listener, channel_id: ChannelId) -> None:
        route = self._routes.get(channel_id, ())
        if listener not in route:
            self._routes[channel_id] = (*route, listener)

    def _drop(self, listener: Listener, channel_id: ChannelId) -> None:
        route = tuple(other for other in self._routes.get(channel_id, ()) if other is not listener)
        if route:
            self._routes[channel_id] = route
        else:
            self._routes.pop(channel_id, None)


def runs(commits: Sequence[Committed]) -> Iterator[Sequence[Committed]]:
    """The commits in stretches of one channel each, ended by a join or a leave and by size: a frame each.

    A leave still goes to those who were there; a join already to those who then are; what follows, to the new set.
    A join also begins a stretch, so that those who join do not hear what was said before them in the same commit.
    """
    start, size = 0, 0
    for index, row in enumerate(commits):
        if index > start and (
            row.channel_id != commits[start].channel_id
            or row.kind == "join"
            or commits[index - 1].kind in ("join", "leave")
            or size + len(row.body) > MAX_RUN_BYTES
        ):
            yield commits[start:index]
            start, size = index, 0
        size += len(row.body)
    yield commits[start:]
