"""Where a device keeps what must survive it: events, cursor, outbox, read markers. A file, or memory for load.

Events and cursor of one batch are one transaction. Rows hold present states; `(channel_id, seq)` names one.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from tests.client.wire import Event, decode, encode


@dataclass(frozen=True)
class Place:
    """How far a channel's log is known: without a gap from `first` to `last`. Not `here`: left, rows dropped."""

    first: int
    last: int
    here: bool = True


@dataclass(frozen=True)
class Item:
    """Something said that has no answer yet. `closes`: how many sockets ended while it was in flight."""

    client_message_id: str
    kind: Literal["send", "edit", "delete"]
    channel_id: str
    text: str = ""
    target: int = 0
    reply_to: int | None = None
    closes: int = 0
    failed: str | None = None


@dataclass
class Writes:
    """One transaction. Void comes first, then dropped channels, then rows, places and cursor."""

    void: bool = False
    dropped: set[str] = field(default_factory=set)
    rows: dict[tuple[str, int], Event] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    cursor: str | None = None


class Storage(Protocol):
    """What a device needs of its disk. After `close`, `reopen` gives what was committed, nothing else."""

    def cursor(self) -> str | None: ...

    def places(self) -> dict[str, Place]: ...

    def commit(self, writes: Writes) -> None: ...

    def row(self, channel_id: str, seq: int) -> Event | None: ...

    def rows(self, channel_id: str) -> list[Event]:
        """All rows of a channel in order."""

    def edits(self, channel_id: str, target: int) -> list[Event]: ...

    def find(self, author_id: str, client_message_id: str) -> tuple[str, int] | None:
        """Where the event of an id is."""

    def outbox(self) -> list[Item]:
        """In the order in which they were said."""

    def put_item(self, item: Item) -> None:
        """New at the end, known in its place."""

    def remove_item(self, client_message_id: str) -> None: ...

    def reads(self) -> dict[str, int]: ...

    def put_read(self, channel_id: str, seq: int) -> None: ...

    def device(self, fresh: str) -> str:
        """The device's id; `fresh` the first time."""

    def close(self) -> None: ...

    def reopen(self) -> None: ...


class MemoryStorage:
    """A disk that is none. It outlives a crash of its device, as a disk does."""

    def __init__(self) -> None:
        self._cursor: str | None = None
        self._device: str | None = None
        self._places: dict[str, Place] = {}
        self._rows: dict[str, dict[int, Event]] = defaultdict(dict)
        self._edits: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._ids: dict[tuple[str, str], tuple[str, int]] = {}
        self._outbox: dict[str, Item] = {}
        self._reads: dict[str, int] = {}

    def cursor(self) -> str | None:
        return self._cursor

    def places(self) -> dict[str, Place]:
        return dict(self._places)

    def commit(self, writes: Writes) -> None:
        if writes.void:
            self._places.clear()
        for channel_id in list(self._rows) if writes.void else writes.dropped:
            self._drop(channel_id)
        for (channel_id, seq), event in writes.rows.items():
            self._rows[channel_id][seq] = event
            if "client_message_id" in event:
                self._ids[event["author_id"], event["client_message_id"]] = (channel_id, seq)
            if event["kind"] == "edit" and seq not in self._edits[channel_id, event["target"]]:
                self._edits[channel_id, event["target"]].append(seq)
        self._places.update(writes.places)
        self._cursor = writes.cursor or self._cursor

    def _drop(self, channel_id: str) -> None:
        for event in self._rows.pop(channel_id, {}).values():
            self._ids.pop((event["author_id"], event.get("client_message_id", "")), None)
            if event["kind"] == "edit":
                self._edits.pop((channel_id, event["target"]), None)

    def row(self, channel_id: str, seq: int) -> Event | None:
        return self._rows[channel_id].get(seq)

    def rows(self, channel_id: str) -> list[Event]:
        return [event for _, event in sorted(self._rows[channel_id].items())]

    def edits(self, channel_id: str, target: int) -> list[Event]:
        return [self._rows[channel_id][seq] for seq in self._edits.get((channel_id, target), ())]

    def find(self, author_id: str, client_message_id: str) -> tuple[str, int] | None:
        return self._ids.get((author_id, client_message_id))

    def outbox(self) -> list[Item]:
        return list(self._outbox.values())

    def put_item(self, item: Item) -> None:
        self._outbox[item.client_message_id] = item

    def remove_item(self, client_message_id: str) -> None:
        self._outbox.pop(client_message_id, None)

    def reads(self) -> dict[str, int]:
        return dict(self._reads)

    def put_read(self, channel_id: str, seq: int) -> None:
        self._reads[channel_id] = max(seq, self._reads.get(channel_id, 0))

    def device(self, fresh: str) -> str:
        self._device = self._device or fresh
        return self._device

    def close(self) -> None:
        """Nothing to do: memory needs no closing."""

    def reopen(self) -> None:
        """Nothing to do: what was committed is still there."""


_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS place (channel_id TEXT PRIMARY KEY, first INT, last INT, here INT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (
    channel_id TEXT, seq INT, author_id TEXT, client_message_id TEXT, edit_of INT, body BLOB NOT NULL,
    PRIMARY KEY (channel_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS event_id ON event (author_id, client_message_id)
    WHERE client_message_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_edit ON event (channel_id, edit_of) WHERE edit_of IS NOT NULL;
CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY, client_message_id TEXT UNIQUE, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS marker (channel_id TEXT PRIMARY KEY, seq INT NOT NULL) WITHOUT ROWID;
"""


class FileStorage:
    """A SQLite file. Survives the end of its process; not the loss of power, which tests do not cause."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.reopen()

    def reopen(self) -> None:
        self._db = sqlite3.connect(self._path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def cursor(self) -> str | None:
        return self._meta("cursor")

    def _meta(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def places(self) -> dict[str, Place]:
        rows = self._db.execute("SELECT channel_id, first, last, here FROM place")
        return {channel_id: Place(first, last, bool(here)) for channel_id, first, last, here in rows}

    def commit(self, writes: Writes) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._write(writes)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _write(self, writes: Writes) -> None:
        if writes.void:
            self._db.execute("DELETE FROM event")
            self._db.execute("DELETE FROM place")
        self._db.executemany("DELETE FROM event WHERE channel_id = ?", [(name,) for name in writes.dropped])
        self._db.executemany(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (channel_id, seq) DO UPDATE SET body = excluded.body",
            [_columns(event) for event in writes.rows.values()],
        )
        self._db.executemany(
            "REPLACE INTO place VALUES (?, ?, ?, ?)",
            [(name, place.first, place.last, place.here) for name, place in writes.places.items()],
        )
        if writes.cursor is not None:
            self._db.execute("REPLACE INTO meta VALUES ('cursor', ?)", (writes.cursor,))

    def row(self, channel_id: str, seq: int) -> Event | None:
        found = list(self._events("channel_id = ? AND seq = ?", channel_id, seq))
        return found[0] if found else None

    def rows(self, channel_id: str) -> list[Event]:
        return list(self._events("channel_id = ?", channel_id))

    def edits(self, channel_id: str, target: int) -> list[Event]:
        return list(self._events("channel_id = ? AND edit_of = ?", channel_id, target))

    def _events(self, where: str, *values: str | int) -> Iterator[Event]:
        for (body,) in self._db.execute(f"SELECT body FROM event WHERE {where} ORDER BY seq", values):
            yield decode(body)

    def find(self, author_id: str, client_message_id: str) -> tuple[str, int] | None:
        found = self._db.execute(
            "SELECT channel_id, seq FROM event WHERE author_id = ? AND client_message_id = ?",
            (author_id, client_message_id),
        ).fetchone()
        return None if found is None else (found[0], found[1])

    def outbox(self) -> list[Item]:
        return [Item(**decode(body)) for (body,) in self._db.execute("SELECT body FROM outbox ORDER BY n")]

    def put_item(self, item: Item) -> None:
        self._db.execute(
            "INSERT INTO outbox (client_message_id, body) VALUES (?, ?)"
            " ON CONFLICT (client_message_id) DO UPDATE SET body = excluded.body",
            (item.client_message_id, encode(asdict(replace(item)))),
        )

    def remove_item(self, client_message_id: str) -> None:
        self._db.execute("DELETE FROM outbox WHERE client_message_id = ?", (client_message_id,))

    def reads(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT channel_id, seq FROM marker").fetchall())

    def put_read(self, channel_id: str, seq: int) -> None:
        self._db.execute(
            "INSERT INTO marker VALUES (?, ?)"
            " ON CONFLICT (channel_id) DO UPDATE SET seq = max(seq, excluded.seq)",
            (channel_id, seq),
        )

    def device(self, fresh: str) -> str:
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('device', ?)", (fresh,))
        return self._meta("device") or fresh


def _columns(event: Event) -> tuple[str, int, str, str | None, int | None, bytes]:
    return (
        event["channel_id"],
        event["seq"],
        event["author_id"],
        event.get("client_message_id"),
        event.get("target") if event["kind"] == "edit" else None,
        encode(event),
    )
