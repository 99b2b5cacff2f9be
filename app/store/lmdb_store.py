"""The message store on LMDB: one memory-mapped file, one writer at a time, readers that are never held up.

Several processes of one machine may share the folder; LMDB's writer lock orders them. Opened after fork, once per
process. Every commit is synced: never NOSYNC, NOMETASYNC or WRITEMAP, which may undo an acknowledged commit.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb

from app.core.clock import Clock
from app.store import rows
from app.store.row_store import RowMessageStore

MAP_BYTES = 1 << 40  # sparse: costs address space only, and never has to grow under running readers
MAX_READERS = 4096


class LmdbStore(RowMessageStore):
    """Messages in `folder`, which is made when it is not there."""

    def __init__(self, folder: Path, clock: Clock, map_bytes: int = MAP_BYTES) -> None:
        super().__init__(LmdbKeyspace(folder, map_bytes), clock)


class LmdbKeyspace:
    def __init__(self, folder: Path, map_bytes: int = MAP_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(
            str(folder), map_size=map_bytes, max_dbs=len(rows.TABLE_NAMES), max_readers=MAX_READERS, max_spare_txns=1
        )
        self._env.reader_check()
        self._tables = [self._env.open_db(name) for name in rows.TABLE_NAMES]

    @contextmanager
    def reading(self) -> Iterator["LmdbRows"]:
        with self._env.begin() as txn:
            yield LmdbRows(txn, self._tables)

    @contextmanager
    def writing(self) -> Iterator["LmdbRows"]:
        with self._env.begin(write=True) as txn:
            yield LmdbRows(txn, self._tables)

    def room(self) -> str | None:
        return None

    def maintain(self) -> None:
        self._env.reader_check()

    def close(self) -> None:
        self._env.close()


class LmdbRows:
    """One LMDB transaction."""

    def __init__(self, txn: "lmdb.Transaction[bytes]", tables: list["lmdb._Database"]) -> None:
        self._txn = txn
        self._tables = tables

    def get(self, table: int, key: bytes) -> bytes | None:
        return self._txn.get(key, db=self._tables[table])

    def scan(
        self, table: int, first: bytes, last: bytes, backwards: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        with self._txn.cursor(self._tables[table]) as cursor:
            if backwards:
                yield from _backwards(cursor, first, last)
            elif cursor.set_range(first):
                for key, row in cursor:
                    if key > last:
                        return
                    yield key, row

    def last_key(self, table: int) -> bytes | None:
        with self._txn.cursor(self._tables[table]) as cursor:
            return cursor.key() if cursor.last() else None

    def put_many(self, table: int, items: Iterable[tuple[bytes, bytes]]) -> None:
        with self._txn.cursor(self._tables[table]) as cursor:
            cursor.putmulti(items)


def _backwards(cursor: "lmdb.Cursor[bytes]", first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
    """From the row at or before `last` down to `first`."""
    found = cursor.set_range(last)
    if not found or cursor.key() != last:
        found = cursor.prev() if found else cursor.last()
    if found:
        for key, row in cursor.iterprev():
            if key < first:
                return
            yield key, row
