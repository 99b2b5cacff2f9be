"""The ordered key-value store of the rules, as LMDB.

Every commit is synced: never NOSYNC, NOMETASYNC or WRITEMAP, which may undo an acknowledged commit. The map is huge
and sparse from the start, since growing it disturbs the readers of other processes. A full map or disk is noticed
while there is still a reserve, from which deletes and leaves are written; reads go on in any case.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb

from app.core.errors import CannotOpen
from app.store import rows
from app.store.keyspace import CannotWrite

MAP_BYTES = 1 << 40  # sparse: costs address space only
SMALLEST_MAP_BYTES = 1 << 30  # below, a refused map is an error
RESERVE_BYTES = 64 << 20
MAX_READERS = 4096
OWNER_ONLY = 0o700
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # EIO: LMDB's word for a write cut short


class LmdbKeyspace:
    """Tables as named databases of one environment in `folder`."""

    def __init__(self, folder: Path, map_bytes: int = MAP_BYTES, reserve_bytes: int = RESERVE_BYTES) -> None:
        folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        self._folder = folder
        self._reserve_bytes = min(reserve_bytes, map_bytes // 4)
        self._env = _open(folder, map_bytes)
        self._env.reader_check()
        self._page_bytes = self._env.stat()["psize"]
        self._tables = [self._env.open_db(name) for name in rows.TABLE_NAMES]

    @contextmanager
    def reading(self) -> Iterator["LmdbRows"]:
        with self._begin(write=False) as txn:
            yield LmdbRows(txn, self._tables)

    @contextmanager
    def writing(self) -> Iterator["LmdbRows"]:
        before = -1
        try:
            with self._begin(write=True) as txn:
                before = txn.id() - 1
                yield LmdbRows(txn, self._tables)
        except lmdb.MapFullError:
            raise CannotWrite("The message store is full.") from None
        except lmdb.Error as error:
            if error.code in _NO_SPACE and self._env.info()["last_txnid"] == before:
                raise CannotWrite("The disk of the message store is full.") from error
            raise

    def _begin(self, *, write: bool) -> "lmdb.Transaction[bytes]":
        try:
            return self._env.begin(write=write)
        except lmdb.MapResizedError:
            self._env.set_mapsize(0)  # another process was started with a larger map: take its size
            return self._env.begin(write=write)

    def room(self) -> str | None:
        """After a failure that LMDB cannot go on from, it refuses to be read, too."""
        try:
            with self._begin(write=False):
                used = self._env.info()
        except lmdb.Error as error:
            return f"The message store does not answer: {error}."
        if (used["last_pgno"] + 1) * self._page_bytes > used["map_size"] - self._reserve_bytes:
            return "The message store is full."
        disk = os.statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize < self._reserve_bytes:
            return "The disk of the message store is full."
        return None

    def maintain(self) -> None:
        """A reader that was killed pins the pages it saw, and the file grows without bounds: clear it away."""
        self._env.reader_check()

    def close(self) -> None:
        self._env.close()


def _open(folder: Path, map_bytes: int) -> lmdb.Environment:
    """The environment, with a smaller map where the address space does not allow the wanted one. Raises CannotOpen."""
    while True:
        try:
            return lmdb.open(
                str(folder),
                mode=OWNER_ONLY,
                map_size=map_bytes,
                max_dbs=len(rows.TABLE_NAMES),
                max_readers=MAX_READERS,
                max_spare_txns=1,
            )
        except lmdb.Error as error:
            if (
                error.code not in (errno.ENOMEM, errno.EFBIG, errno.EOVERFLOW)
                or map_bytes // 2 < SMALLEST_MAP_BYTES
            ):
                raise CannotOpen(f"The message store cannot be opened: {error}.") from error
        except lmdb.MemoryError:
            if map_bytes // 2 < SMALLEST_MAP_BYTES:
                raise
        map_bytes //= 2


class LmdbRows:
    """One LMDB transaction."""

    def __init__(self, txn: "lmdb.Transaction[bytes]", tables: list["lmdb._Database"]) -> None:
        self._txn = txn
        self._tables = tables

    def get(self, table: int, key: bytes) -> bytes | None:
        return self._txn.get(key, None, self._tables[table])

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

    def append_many(self, table: int, items: Iterable[tuple[bytes, bytes]]) -> None:
        with self._txn.cursor(self._tables[table]) as cursor:
            consumed, added = cursor.putmulti(items, append=True)
        if added != consumed:
            raise LookupError("a row to append was not behind the last one")

    def transaction(self) -> int:
        return self._txn.id()


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
