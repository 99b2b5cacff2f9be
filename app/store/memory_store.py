"""The message store in memory, for tests: the same rules over sorted lists. Nothing outlives the process."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import RLock

from app.core.clock import Clock
from app.store import rows
from app.store.row_store import RowMessageStore


class MemoryStore(RowMessageStore):
    def __init__(self, clock: Clock) -> None:
        super().__init__(MemoryKeyspace(), clock)


class MemoryKeyspace:
    """One lock makes every reader's block a snapshot: nobody writes meanwhile."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tables = [_Table() for _ in rows.TABLE_NAMES]
        self._transactions = 0

    @contextmanager
    def reading(self) -> Iterator["MemoryRows"]:
        with self._lock:
            yield MemoryRows(self._tables)

    @contextmanager
    def writing(self) -> Iterator["MemoryRows"]:
        with self._lock:
            txn = MemoryRows(self._tables, self._transactions + 1)
            try:
                yield txn
                self._transactions += txn.wrote
            except BaseException:
                txn.undo()
                raise

    def room(self) -> str | None:
        return None

    def maintain(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Table:
    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.rows: dict[bytes, bytes] = {}


class MemoryRows:
    """One transaction; remembers what it wrote over, so that it can be undone."""

    def __init__(self, tables: list[_Table], number: int = 0) -> None:
        self._tables = tables
        self._number = number
        self._before: list[tuple[int, bytes, bytes | None]] = []

    def get(self, table: int, key: bytes) -> bytes | None:
        return self._tables[table].rows.get(key)

    def scan(
        self, table: int, first: bytes, last: bytes, backwards: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        found = self._tables[table]
        low, high = bisect_left(found.keys, first), bisect_right(found.keys, last)
        for place in range(high - 1, low - 1, -1) if backwards else range(low, high):
            key = found.keys[place]
            yield key, found.rows[key]

    def last_key(self, table: int) -> bytes | None:
        keys = self._tables[table].keys
        return keys[-1] if keys else None

    def put_many(self, table: int, items: Iterable[tuple[bytes, bytes]]) -> None:
        into = self._tables[table]
        for key, row in items:
            self._before.append((table, key, into.rows.get(key)))
            if key not in into.rows:
                insort(into.keys, key)
            into.rows[key] = row

    append_many = put_many

    def transaction(self) -> int:
        return self._number

    @property
    def wrote(self) -> bool:
        return bool(self._before)

    def undo(self) -> None:
        for table, key, row in reversed(self._before):
            into = self._tables[table]
            if row is not None:
                into.rows[key] = row
            else:
                del into.rows[key]
                del into.keys[bisect_left(into.keys, key)]
