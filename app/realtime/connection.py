"""One live client's side of the protocol, without I/O: what it may say, and what it has yet to hear.

A connection greets, catches up in pages, then listens to the tail. `Transport` carries its frames, `Desk` is what it
asks of the rest of the program. Every method runs on the event loop and returns at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Protocol

from app.accounts.wire import ServerEntry
from app.channels.addresses import require_channel_id
from app.core.errors import MaruError
from app.core.ids import ChannelId, SessionId, UserId
from app.presence.here import Visit
from app.realtime import wire
from app.realtime.wire import Close
from app.store.cursor import Position, decode_cursor
from app.store.outcomes import outcome_error
from app.store.port import Accepted, Duplicate, InboxPage, Outcome, Unchanged

if TYPE_CHECKING:
    from app.realtime.desk import Desk

log = logging.getLogger(__name__)

MAX_REFUSED = 1_000  # frames of one connection between two beats


class Transport(Protocol):
    """What carries a connection's frames."""

    def queue(self, frame: bytes) -> None:
        """Queue a whole WebSocket frame, to be written with all others of this turn."""

    def send(self, text: bytes) -> None:
        """Queue a JSON text as a frame."""

    def send_paced(self, text: bytes) -> None:
        """The same for what was missed: however large, it does not make the reader slow. Wait for it to leave before
        the next one."""

    def admit(self) -> None:
        """The client said who it is: larger frames are taken from now on."""

    def when_drained(self, react: Callable[[], None]) -> None:
        """Call once all that was queued has left the process, in a later turn."""

    def pause(self) -> None:
        """Read nothing more of what the client says; until `close`, which waits for its last word."""

    def close(self, code: int, reason: str) -> None:
        """Send what is queued, then a close frame, then end. Harmless when it is closing already."""

    def abort(self) -> None:
        """End at once, without a word."""


class Phase(IntEnum):
    GREETING = 0
    CATCHING_UP = 1
    LIVE = 2
    CLOSED = 3


class Connection:
    """The protocol's state for one client. Few fields: there are many of these."""

    __slots__ = (
        "_desk",
        "active",
        "asked_at",
        "channels",
        "device",
        "floor",
        "opened",
        "phase",
        "position",
        "queue",
        "refused",
        "session_id",
        "silent",
        "spoke",
        "transport",
        "user_id",
        "visit",
        "welcomed",
    )  # fmt: skip

    def __init__(
        self, transport: Transport, desk: Desk, user_id: UserId, session_id: SessionId, asked_at: str = ""
    ) -> None:
        """`asked_at`: the origin by which the client reached this server."""
        self.asked_at = asked_at
        self._desk = desk
        self.transport = transport
        self.queue = transport.queue
        self.user_id = user_id
        self.session_id = session_id
        self.phase = Phase.GREETING
        self.welcomed = False
        self.position: Position | None = None
        self.floor = 0
        self.channels: list[ChannelId] = []
        self.opened: ChannelId | None = None
        self.device: str | None = None
        self.active = True
        self.silent = 0
        self.refused = 0
        self.spoke = -1
        self.visit: Visit | None = None

    # --- what the client says ---------------------------------------------------------------------------------

    def receive(self, text: bytes) -> None:
        """One text frame of the client."""
        self.silent = 0
        try:
            frame = wire.decode_frame(text)
            if self.phase is Phase.GREETING:
                self._greet(frame)
            else:
                self._act(frame)
        except MaruError as error:
            self._refuse(error, text)

    def _refuse(self, error: MaruError, text: bytes) -> None:
        """Say why; a client that goes on and on although it is refused has no use of us, and costs others theirs."""
        self.transport.send(wire.error_frame(error, wire.find_frame_id(text)))
        self.refused += 1
        if self.phase is Phase.GREETING:
            self.close(Close.POLICY)
        elif self.refused > MAX_REFUSED:
            self.close(Close.RATE_LIMITED)

    def _greet(self, frame: wire.AnyClientFrame) -> None:
        if not isinstance(frame, wire.Hello):
            self.close(Close.POLICY)
            return
        self.phase = Phase.CATCHING_UP
        self.device = frame.device
        self.active = frame.active
        self.transport.admit()
        self._desk.pulse.settle(self)
        self.visit = self._desk.presence.arrive(self.user_id, frame.active)
        self._desk.devices.claim(self)
        self.position = None if frame.cursor is None else self._acknowledge(frame.cursor)
        self._desk.catch_up.begin(self, resync=frame.cursor is not None and self.position is None)

    def _act(self, frame: wire.AnyClientFrame) -> None:
        match frame:
            case wire.Send():
                self._desk.messages.send(self.user_id, frame.channel_id, frame, self._answer_to(frame.id))
            case wire.Heartbeat():
                self._beat(frame)
            case wire.Ack():
                self._acknowledge(frame.cursor)
            case wire.Read():
                self._desk.markers.mark(self.user_id, require_channel_id(frame.channel_id), frame.seq)
                if frame.id is not None:
                    self.transport.send(wire.ok_frame(frame.id))
            case wire.Typing():
                self._desk.ephemera.typing(self, ChannelId(frame.channel_id))
            case wire.Edit():
                done = self._answer_to(frame.id)
                self._desk.messages.edit(self.user_id, frame.channel_id, frame.target, frame, done)
            case wire.Delete():
                done = self._answer_to(frame.id)
                self._desk.messages.delete(
                    self.user_id, frame.channel_id, frame.target, frame.client_message_id, done
                )
            case wire.Hello():
                self.close(Close.POLICY)

    def _beat(self, frame: wire.Heartbeat) -> None:
        self.active = frame.active
        self.opened = None if frame.open is None else require_channel_id(frame.open)
        if self.visit is not None:
            self._desk.presence.beat(self.visit, frame.active)
            self._desk.presence.open(self, self.opened)

    def _answer_to(self, frame_id: int) -> Callable[[Outcome], None]:
        return partial(self._answer, frame_id)

    def _answer(self, frame_id: int, outcome: Outcome) -> None:
        """Tell the client what became of what it asked for; nothing is lost when it is gone by now."""
        if self.phase is Phase.CLOSED:
            return
        if isinstance(outcome, Accepted):
            self.transport.send(wire.ok_frame(frame_id, outcome.events[-1].body))
        elif isinstance(outcome, Duplicate):
            self.transport.send(wire.ok_frame(frame_id, outcome.event.body, duplicate=True))
        elif isinstance(outcome, Unchanged):
            self.transport.send(wire.ok_frame(frame_id, outcome.event.body if outcome.event else None))
        elif (error := outcome_error(outcome)) is not None:
            self.transport.send(wire.error_frame(error, frame_id))

    def _acknowledge(self, cursor: str) -> Position | None:
        """The position of a cursor of this history, all before which is on the device. What lies ahead of the tail
        acknowledges nothing: nobody can have it yet."""
        position = decode_cursor(cursor)
        if position is None or position.epoch != self._desk.epoch:
            return None
        if position.g <= max(self._desk.position(), self.floor):
            self._desk.delivered.note(self.user_id, position.g)
        return position

    # --- what it has yet to hear ------------------------------------------------------------------------------

    def welcome(self, frame: wire.Welcome) -> None:
        """Begin the stream at the frame's cursor."""
        self.welcomed = True
        self.transport.send_paced(wire.encode_frame(frame))

    def send_page(self, page: InboxPage) -> None:
        """Send a page of what was missed, and stand after it."""
        if page.events:
            bodies = [row.body for row in page.events]
            self.transport.send_paced(wire.events_frame(bodies, page.position.encode()))
        self.position = page.position

    def listen(self, page: InboxPage) -> None:
        """Nothing more is missed as of this page, read in this very turn: the tail has it from here."""
        if self.phase is Phase.CLOSED:
            return  # it ended while the page was queued
        self.position = None
        self.phase = Phase.LIVE
        self._desk.hub.join(self, page.channel_ids, page.g)
        self.transport.send(wire.encode_frame(wire.Live()))
        if self.phase is Phase.LIVE:  # and not ended since, because the session was
            self._desk.presence.watch(self)

    def beat(self, position: int) -> None:
        """Say that all up to the tail's `position` was sent, which also shows that the way is open."""
        self.refused = 0
        if self.phase is Phase.LIVE:
            cursor = self._desk.hub.cursor(max(position, self.floor))
            self.transport.send(wire.encode_frame(wire.Beat(cursor=cursor)))
        elif self.phase is Phase.CATCHING_UP and self.position is not None and self.welcomed:
            self.transport.send(wire.encode_frame(wire.Beat(cursor=self.position.encode())))

    # --- its end ----------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Take nothing more: what was taken is answered, then it can be closed without leaving anything open."""
        self.transport.pause()

    def close(self, code: Close, after_ms: int = 0, servers: list[ServerEntry] | None = None) -> None:
        """Say goodbye and why, when to come back and where to, then close."""
        if self.phase is not Phase.CLOSED:
            bye = wire.Bye(code=code.reason, after_ms=after_ms, servers=servers)
            self.transport.send(wire.encode_frame(bye))
            self.transport.close(code, code.reason)
            self.gone()

    def fail(self) -> None:
        """Something of ours broke while this connection was served: end it alone, at once; it resumes elsewhere or
        later from its cursor. To be called while the exception is handled."""
        log.exception("a connection could not be served and is closed")
        self.transport.abort()
        self.gone()

    def gone(self) -> None:
        """The transport ended, by whichever side: forget it everywhere."""
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.CLOSED
            self._desk.forget(self)
