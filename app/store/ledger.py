"""One write transaction: rows read so far, rows changed, events appended. The rules (`rules/`) write through it.

Rows are kept decoded and written once, sorted, at the end of the transaction: a channel's head that a hundred messages
of the batch moved is one put. The journal is only appended to, in `g` order, which keeps its pages full. A rule decides
everything before its first change, so that a rejected draft leaves no trace. Nothing yields inside.
"""

from collections.abc import Iterator

from app.store import row_values, rows
from app.store.events import AnyEvent, encode_event
from app.store.keyspace import WritableRows
from app.store.port import Committed
from app.store.row_values import ChannelRecord, ContactRow, HeadRow, MemberRow
from app.store.rows import INDEX, pack_index, pack_journal, pack_number

MAX_KNOWN = 20_000  # rows kept decoded between transactions, about 400 bytes each


class Known:
    """Rows of transactions before, decoded. They hold as long as nobody else has written since transaction `after`: a
    store numbers its transactions, and the next one has the next number."""

    def __init__(self) -> None:
        self.after = -1
        self.heads: dict[bytes, HeadRow | None] = {}
        self.members: dict[bytes, MemberRow | None] = {}

    def holds_in(self, transaction: int) -> bool:
        """Whether it may be used in a transaction (and is not too much to be kept any longer)."""
        return transaction == self.after + 1 and len(self.heads) + len(self.members) <= MAX_KNOWN


class Ledger:
    """`now_ms` is the time of the batch; `g` the latest commit."""

    def __init__(self, below: WritableRows, known: Known, now_ms: int) -> None:
        self._below = below
        self.now_ms = now_ms
        last = below.last_key(rows.JOURNAL)
        self.g = rows.unpack_number(last) if last else 0
        self._heads = known.heads
        self._members = known.members
        self._changed: list[dict[bytes, bytes]] = [{} for _ in rows.TABLE_NAMES]
        self._moved_heads: dict[bytes, HeadRow] = {}
        self._changed_members: dict[bytes, MemberRow] = {}
        self.wrote = False
        self._written_g = self.g
        self._appended: list[tuple[bytes, bytes]] = []  # journal rows beyond `_written_g`

    # Rows

    def get(self, table: int, key: bytes) -> bytes | None:
        row = self._changed[table].get(key)
        return row if row is not None else self._below.get(table, key)

    def put(self, table: int, key: bytes, row: bytes) -> None:
        self._changed[table][key] = row

    def scan(self, table: int, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows of the range, the transaction's own changes included. For the rare rule that needs a list."""
        self.flush()
        return self._below.scan(table, first, last)

    def flush(self) -> None:
        """Hand all changes to the transaction below."""
        channels = self._changed[rows.CHANNELS]
        for channel, head in self._moved_heads.items():
            channels[channel + rows.HEAD] = row_values.pack_head(head)
        for key, member in self._changed_members.items():
            channels[key] = row_values.pack_member(member)
        self._moved_heads.clear()
        self._changed_members.clear()
        for table, changed in enumerate(self._changed):
            if changed:
                self.wrote = True  # the journal is not appended to without an index row
                self._below.put_many(table, sorted(changed.items()))
                changed.clear()
        self._below.append_many(rows.JOURNAL, self._appended)
        self._appended.clear()
        self._written_g = self.g

    # Channels and members

    def head(self, channel: bytes) -> HeadRow | None:
        try:
            return self._heads[channel]
        except KeyError:
            row = self._below.get(rows.CHANNELS, channel + rows.HEAD)
            head = self._heads[channel] = row_values.unpack_head(channel, row) if row is not None else None
            return head

    def open_head(self, head: HeadRow) -> None:
        """A channel that did not exist before; its row is written with its first event."""
        self._heads[head.channel] = head

    def touch_head(self, head: HeadRow) -> None:
        self._moved_heads[head.channel] = head

    def personal_head(self, user: bytes) -> HeadRow:
        """The head of a person's own channel, which begins with its first event."""
        head = self.head(user)
        if head is None:
            head = HeadRow(user, row_values.PERSONAL)
            self.open_head(head)
        return head

    def member(self, channel: bytes, user: bytes) -> MemberRow | None:
        """The person's row in the channel, whether they are in it now or were once."""
        key = rows.member_key(channel, user)
        try:
            return self._members[key]
        except KeyError:
            row = self._below.get(rows.CHANNELS, key)
            member = self._members[key] = row_values.unpack_member(row) if row is not None else None
            return member

    def save_member(self, channel: bytes, user: bytes, member: MemberRow) -> None:
        key = rows.member_key(channel, user)
        self._members[key] = self._changed_members[key] = member

    def present_members(self, channel: bytes) -> list[tuple[bytes, MemberRow]]:
        """Everybody who is in the channel now, by id."""
        first, last = rows.member_key(channel, rows.LOWEST), rows.member_key(channel, rows.HIGHEST)
        found = []
        for key, _ in list(self.scan(rows.CHANNELS, first, last)):
            member = self.member(channel, key[-8:])
            if member is not None and member.present:
                found.append((key[-8:], member))
        return found

    def record(self, channel: bytes) -> ChannelRecord:
        row = self.get(rows.CHANNELS, rows.record_key(channel))
        return row_values.unpack_record(row) if row is not None else ChannelRecord()

    def save_record(self, channel: bytes, record: ChannelRecord) -> None:
        self.put(rows.CHANNELS, rows.record_key(channel), row_values.pack_record(record))

    # People

    def contact(self, user: bytes, other: bytes) -> ContactRow:
        row = self.get(rows.PEOPLE, rows.contact_key(user, other))
        return row_values.unpack_contact(row) if row is not None else row_values.NO_CONTACT

    def save_contact(self, user: bytes, other: bytes, contact: ContactRow) -> None:
        self.put(rows.PEOPLE, rows.contact_key(user, other), row_values.pack_contact(contact))

    def has_blocked(self, user: bytes, other: bytes) -> bool:
        return self.contact(user, other).state == "blocked"

    # Events

    def time_in(self, head: HeadRow) -> int:
        """The time of the next event: it never runs backwards within a channel."""
        return head.at if head.at > self.now_ms else self.now_ms

    def append(self, head: HeadRow, kind: int, event: AnyEvent) -> Committed:
        """Append the next event of a channel: `event.seq` is `head.seq + 1`, `event.at` is `time_in(head)`."""
        self.g = g = self.g + 1
        seq, channel = event.seq, head.channel
        body = encode_event(event)
        head.seq, head.at, head.g = seq, event.at, g
        self._appended.append((pack_number(g), pack_journal(channel, seq, kind, 0, body)))
        self._changed[rows.CHANNELS][channel + INDEX + pack_number(seq)] = pack_index(g, head.count, kind)
        self._moved_heads[channel] = head
        return Committed(g, head.channel_id, seq, rows.KINDS[kind], body)

    def index(self, channel: bytes, seq: int) -> tuple[int, int, int] | None:
        """`(g, messages up to there, kind)` of an event."""
        if not 1 <= seq <= rows.LARGEST:
            return None
        row = self.get(rows.CHANNELS, rows.index_key(channel, seq))
        return rows.unpack_index(row) if row is not None else None

    def journal(self, g: int) -> bytes:
        """The present row of a commit that exists."""
        if g > self._written_g:
            return self._appended[g - self._written_g - 1][1]
        row = self.get(rows.JOURNAL, rows.pack_number(g))
        if row is None:
            raise LookupError(f"the journal has no row {g}")
        return row

    def rewrite(self, g: int, event: AnyEvent, last_edit: int) -> Committed:
        """Put the present state of an event in place of the one before; `g` and `seq` stay."""
        channel, kind = rows.key_of(event.channel_id), rows.kind_of(event)
        row = rows.pack_journal(channel, event.seq, kind, last_edit, encode_event(event))
        if g > self._written_g:
            self._appended[g - self._written_g - 1] = (rows.pack_number(g), row)
        else:
            self.put(rows.JOURNAL, rows.pack_number(g), row)
        return rows.committed(g, row)

    def forget_content(self, client_message_id: str | None, author_id: str) -> None:
        """Blank the digest kept against repeats, so that nothing can be guessed from it; the id stays taken."""
        if client_message_id is None:
            return
        key = rows.duplicate_key(client_message_id, rows.key_of(author_id))
        row = self.get(rows.DUPLICATES, key)
        if row is not None:
            g, _ = rows.unpack_duplicate(row)
            self.put(rows.DUPLICATES, key, rows.pack_duplicate(g, rows.ANY_CONTENT))
