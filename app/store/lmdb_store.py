"""The message store on LMDB: one memory-mapped file, one writer at a time, readers that are never held up.

Several processes of one machine may share the folder; LMDB's writer lock orders them. To be opened after fork, once in
a process.
"""

from pathlib import Path

from app.core.clock import Clock
from app.store.cursor import Position
from app.store.high_water import HighWaterNote
from app.store.lmdb_keyspace import MAP_BYTES, RESERVE_BYTES, LmdbKeyspace
from app.store.row_store import RowMessageStore


class LmdbStore(RowMessageStore):
    """Messages in `folder`, made when it is not there; the high-water note lies beside it.

    Raises lmdb.Error, OSError."""

    def __init__(
        self, folder: Path, clock: Clock, *, map_bytes: int = MAP_BYTES, reserve_bytes: int = RESERVE_BYTES
    ) -> None:
        super().__init__(LmdbKeyspace(folder, map_bytes, reserve_bytes), clock)
        self._note = HighWaterNote(folder.with_name(f"{folder.name}.high-water"))
        noted = self._note.read()
        if noted is not None and self.renew_epoch_below(noted):
            self.note_high_water()

    def note_high_water(self) -> Position:
        """Write down how far the history has come, every few seconds (it waits for the disk, so off the event loop).
        Returns what was noted, for whoever keeps it elsewhere too. Raises OSError."""
        position = self.position()
        self._note.write(position)
        return position
