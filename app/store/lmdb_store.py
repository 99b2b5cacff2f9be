"""The message store on LMDB: one memory-mapped file, one writer at a time, readers that are never held up.

Several processes of one machine may share the folder; LMDB's writer lock orders them. To be opened after fork, once in
a process.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.clock import Clock
from app.store.cursor import Position
from app.store.high_water import HighWaterNote
from app.store.lmdb_keyspace import MAP_BYTES, RESERVE_BYTES, LmdbKeyspace
from app.store.row_store import RowMessageStore

log = logging.getLogger(__name__)


class LmdbStore(RowMessageStore):
    """Messages in `folder`, made when it is not there; the high-water note lies beside it.

    Raises lmdb.Error, OSError."""

    def __init__(
        self, folder: Path, clock: Clock, *, map_bytes: int = MAP_BYTES, reserve_bytes: int = RESERVE_BYTES
    ) -> None:
        super().__init__(LmdbKeyspace(folder, map_bytes, reserve_bytes), clock)
        self._note = HighWaterNote(folder.with_name(f"{folder.name}.high-water"))
        with one_at_a_time(folder):
            self._recognise()

    def _recognise(self) -> None:
        """Whether this history is the one that was noted. A store that holds something but was never noted here was
        brought from elsewhere: nobody knows what its devices have seen."""
        noted = self._note.read()
        if self.renew_epoch_below(noted) or noted is None:
            try:
                self.note_high_water()
            except OSError as error:
                log.warning("how far the history has come could not be noted: %s", error)

    def note_high_water(self) -> Position:
        """Write down how far the history has come, every few seconds (it waits for the disk, so off the event loop).
        Returns what was noted, for whoever keeps it elsewhere too. Raises OSError."""
        position = self.position()
        self._note.write(position)
        return position


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Processes that open the same folder together wait for each other here: one of them may give it a new epoch."""
    turn = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(turn, fcntl.LOCK_UN)  # gevent's `os.close` closes later, when its loop runs
        os.close(turn)
