"""The small ordered key-value store that the rules of Maru are written over, once for every adapter.

Tables are the constants of `rows.py`. An adapter answers four calls inside a transaction; everything that knows
of channels and messages lives above (`ledger.py`, `reading.py`).
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol


class Rows(Protocol):
    """One transaction's view: a snapshot for a reader, its own writes included for the writer."""

    def get(self, table: int, key: bytes) -> bytes | None: ...

    def scan(
        self, table: int, first: bytes, last: bytes, backwards: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Rows with `first <= key <= last` in key order, or in reverse. Lazy: what is not taken is not read."""

    def last_key(self, table: int) -> bytes | None:
        """The highest key of a table."""


class WritableRows(Rows, Protocol):
    def transaction(self) -> int:
        """The number of this write transaction: one more than that of the last one that was committed, by anybody."""

    def put_many(self, table: int, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Write rows over whatever is there; `items` in key order."""

    def append_many(self, table: int, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Write rows behind the highest key of the table; `items` in key order."""


class CannotWrite(Exception):
    """The transaction was given up and nothing of it can be on disk; the text says why, for a person."""


class Keyspace(Protocol):
    """May be used from any thread; one writer at a time, readers are never held up by it."""

    def reading(self) -> AbstractContextManager[Rows]:
        """A snapshot, let go at the end of the block. Nothing may yield inside."""

    def writing(self) -> AbstractContextManager[WritableRows]:
        """The one write transaction: durable when the block ends, given up when it raises. Raises CannotWrite when it
        surely left no trace; any other exception on leaving means that nobody knows. Nothing may yield inside."""

    def room(self) -> str | None:
        """None when there is room to grow, otherwise a sentence saying what is short. What frees or closes something
        may still be written from the reserve."""

    def maintain(self) -> None: ...

    def close(self) -> None: ...
