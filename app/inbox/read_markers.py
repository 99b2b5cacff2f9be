"""Read markers: maximum registers, written at most once in a while.

A marker is one event in a person's log. A hundred readers who each mark every message would write a hundred
events for it (measured: 2,900 group messages/s became 180), so of what comes within `EVERY_SECONDS` of a
person's last commit for a channel only the maximum is written, when that time is over.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from app.channels.addresses import require_channel_id
from app.core.errors import Unavailable
from app.core.ids import ChannelId, UserId
from app.store.committing import Committer
from app.store.drafts import MarkRead
from app.store.outcomes import outcome_error
from app.store.port import Accepted, MessageStore, Outcome

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
MAX_HELD = 100_000  # markers that are waiting or were written within the last moments, of all people here

Key = tuple[UserId, ChannelId]
Moved = Callable[[UserId, ChannelId, int], None]


class Later(Protocol):
    """Calls a function on the event loop after some seconds."""

    def __call__(self, seconds: float, function: Callable[[], None]) -> object: ...


class _Register:
    """One person's marker in one channel: the highest asked for, and what became of it."""

    __slots__ = ("in_flight", "seq", "written")

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.written = 0  # the highest that was committed, or needs not be tried again
        self.in_flight = False


class ReadMarkers:
    """Moves read markers. For the event loop only."""

    def __init__(
        self,
        store: MessageStore,
        committer: Committer,
        later: Later,
        on_moved: Moved,
        max_held: int = MAX_HELD,
    ) -> None:
        """`on_moved(user_id, channel_id, read_seq)` is told of each marker once it is on disk."""
        self._store = store
        self._committer = committer
        self._later = later
        self._on_moved = on_moved
        self._max_held = max_held
        self._registers: dict[Key, _Register] = {}

    def mark(self, user_id: UserId, channel: str, seq: int) -> int:
        """Move the marker forward, to the head at most, and say where it stands. Answered before it is on disk.

        Raises NotFound, or Unavailable when too many markers wait.
        """
        channel_id = require_channel_id(channel)
        state = self._store.channel(user_id, channel_id)
        wanted = min(seq, state.head.seq)
        standing = max(state.read_seq, self.held(user_id, channel_id))
        if wanted <= standing:
            return standing
        self._hold((user_id, channel_id), wanted)
        return wanted

    def held(self, user_id: UserId, channel_id: ChannelId) -> int:
        """The highest marker answered of late, on disk or not; 0 when there is none."""
        register = self._registers.get((user_id, channel_id))
        return 0 if register is None else register.seq

    def __len__(self) -> int:
        return len(self._registers)

    def _hold(self, key: Key, seq: int) -> None:
        register = self._registers.get(key)
        if register is not None:
            register.seq = seq  # `mark` lets nothing pass that is not beyond it
            return
        if len(self._registers) >= self._max_held:
            raise Unavailable("Too many read markers are waiting.", retry_after=EVERY_SECONDS)
        self._registers[key] = register = _Register(seq)
        self._write(key, register)

    def _write(self, key: Key, register: _Register) -> None:
        user_id, channel_id = key
        seq = register.seq
        register.in_flight = True
        draft = MarkRead(author_id=user_id, channel_id=channel_id, seq=seq)
        self._committer.submit(draft, lambda outcome: self._written(key, register, seq, outcome))
        self._later(EVERY_SECONDS, lambda: self._look_again(key, register))

    def _written(self, key: Key, register: _Register, seq: int, outcome: Outcome) -> None:
        register.in_flight = False
        error = outcome_error(outcome)
        if error is not None and error.code == "unavailable":
            return  # `_look_again` finds it unwritten
        if error is not None:
            log.info("a read marker was refused: %s", error.detail)
        register.written = seq
        if isinstance(outcome, Accepted):
            self._on_moved(*key, seq)

    def _look_again(self, key: Key, register: _Register) -> None:
        """Write the maximum of what came meanwhile, or forget the register."""
        if register.in_flight:
            self._later(EVERY_SECONDS, lambda: self._look_again(key, register))
        elif register.written < register.seq:
            self._write(key, register)
        else:
            del self._registers[key]
