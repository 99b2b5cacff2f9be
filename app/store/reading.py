"""What a person may read, over one snapshot; pages are put together in `history.py` and `catching_up.py`."""

from collections.abc import Iterable, Iterator

from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId
from app.store import row_values, rows
from app.store.cursor import Position
from app.store.keyspace import Rows
from app.store.port import ChannelState, Committed, Contact, Head, Heads, Member
from app.store.row_values import HeadRow, Interval, MemberRow

_NO_CHANNEL = "There is no such channel, or you are not in it."


class Reading:
    """The questions of the `MessageStore` port, answered from one snapshot."""

    def __init__(self, snapshot: Rows) -> None:
        self._rows = snapshot

    # The history as a whole

    def epoch(self) -> str:
        row = self._rows.get(rows.META, rows.EPOCH)
        if row is None:
            raise LookupError("the store has no epoch")
        return row.hex()

    def head_g(self) -> int:
        last = self._rows.last_key(rows.JOURNAL)
        return rows.unpack_number(last) if last is not None else 0

    def start(self) -> Position:
        return Position(self.epoch(), self.head_g())

    def commits(self, after_g: int, limit: int) -> list[Committed]:
        journal = self.journal(max(after_g, 0), max(after_g, 0) + limit)
        return [rows.committed(g, row) for g, row in journal]

    def journal(self, after_g: int, until_g: int) -> Iterator[tuple[int, bytes]]:
        """`(g, row)` of the commits beyond `after_g`, up to `until_g`."""
        if until_g > after_g:
            first, last = rows.pack_number(after_g + 1), rows.pack_number(until_g)
            for key, row in self._rows.scan(rows.JOURNAL, first, last):
                yield rows.unpack_number(key), row

    # Rows

    def head_row(self, channel: bytes) -> HeadRow | None:
        row = self._rows.get(rows.CHANNELS, rows.head_key(channel))
        return row_values.unpack_head(channel, row) if row is not None else None

    def member_row(self, channel: bytes, user: bytes) -> MemberRow | None:
        row = self._rows.get(rows.CHANNELS, rows.member_key(channel, user))
        return row_values.unpack_member(row) if row is not None else None

    def stays(self, channel: bytes, user: bytes) -> list[Interval]:
        """The person's intervals of membership, oldest first."""
        member = self.member_row(channel, user)
        return member.intervals if member is not None else []

    def g_of(self, channel: bytes, seq: int) -> int:
        """The place in the commit index of an event that exists."""
        row = self._rows.get(rows.CHANNELS, channel + rows.INDEX + rows.pack_number(seq))
        if row is None:
            raise LookupError(f"channel {channel.hex()} has no event {seq}")
        return int.from_bytes(row[:8], "big")

    def places(
        self, channel: bytes, first: int, last: int, backwards: bool = False
    ) -> Iterator[tuple[int, int]]:
        """`(g, kind)` of a channel's events from `first` to `last`, or the other way round."""
        bounds = rows.index_key(channel, max(first, 1)), rows.index_key(channel, max(last, 0))
        for _, row in self._rows.scan(rows.CHANNELS, *bounds, backwards):
            g, _, kind = rows.unpack_index(row)
            yield g, kind

    def committed(self, g: int) -> Committed:
        row = self._rows.get(rows.JOURNAL, rows.pack_number(g))
        if row is None:
            raise LookupError(f"the journal has no row {g}")
        return rows.committed(g, row)

    def head_beyond(self, channel: bytes, g: int) -> HeadRow | None:
        """The channel's head if anything happened in it beyond `g`."""
        row = self._rows.get(rows.CHANNELS, channel + rows.HEAD)
        return (
            row_values.unpack_head(channel, row) if row is not None and row_values.head_g(row) > g else None
        )

    def memberships(self, user: bytes) -> list[tuple[bytes, int]]:
        """`(channel, g of the leave or 0)` of every channel the person is or was in."""
        first, last = rows.membership_key(user, rows.LOWEST), rows.membership_key(user, rows.HIGHEST)
        return [(key[-8:], rows.unpack_number(row)) for key, row in self._rows.scan(rows.PEOPLE, first, last)]

    # Channels

    def heads(self, user_id: UserId) -> Heads:
        user = rows.key_of(user_id)
        channels = [self.state(user, channel) for channel, left_g in self.memberships(user) if not left_g]
        channels.sort(key=lambda state: (-state.head.at, state.id))
        return Heads(channels, self.start())

    def state(self, user: bytes, channel: bytes) -> ChannelState:
        """The channel as a present member sees it. Raises NotFound."""
        head, member = self.require_member(user, channel)
        row = self._rows.get(rows.CHANNELS, rows.record_key(channel))
        record = row_values.unpack_record(row) if row is not None else row_values.ChannelRecord()
        direct = head.kind == row_values.DIRECT
        return ChannelState(
            id=head.channel_id, kind="direct" if direct else "group", name=record.name, topic=record.topic,
            avatar_id=record.avatar_id, closed=head.closed, role=member.role, member_count=head.member_count,
            head=Head(head.seq, head.count, head.at), read_seq=member.read_seq, unread=head.count - member.read_count,
            notification_level=member.level, muted_until=member.muted_until or None,
            peer_id=rows.user_id_of(head.peer_of(user)) if direct else None,
        )  # fmt: skip

    def require_member(self, user: bytes, channel: bytes) -> tuple[HeadRow, MemberRow]:
        head = self.head_row(channel)
        member = self.member_row(channel, user) if head is not None else None
        if head is None or member is None or not member.present:
            raise NotFound(_NO_CHANNEL)
        return head, member

    def members(self, user_id: UserId, channel_id: ChannelId) -> list[Member]:
        channel = rows.key_of(channel_id)
        self.require_member(rows.key_of(user_id), channel)
        return [
            Member(rows.user_id_of(user), member.role, member.intervals[-1].joined_at, member.read_seq)
            for user, member in self._present(channel)
        ]

    def audience(self, channel_id: ChannelId) -> list[UserId]:
        channel = rows.key_of(channel_id)
        head = self.head_row(channel)
        if head is not None and head.kind == row_values.PERSONAL:
            return [UserId(channel_id)]
        return [rows.user_id_of(user) for user, _ in self._present(channel)]

    def _present(self, channel: bytes) -> Iterator[tuple[bytes, MemberRow]]:
        first, last = rows.member_key(channel, rows.LOWEST), rows.member_key(channel, rows.HIGHEST)
        for key, row in self._rows.scan(rows.CHANNELS, first, last):
            member = row_values.unpack_member(row)
            if member.present:
                yield key[-8:], member

    def channel_ids(self, user_id: UserId) -> list[ChannelId]:
        memberships = self.memberships(rows.key_of(user_id))
        return [rows.channel_id_of(channel) for channel, left_g in memberships if not left_g]

    # The log

    def event(self, user_id: UserId, channel_id: ChannelId, seq: int) -> Committed:
        channel = rows.key_of(channel_id)
        if not 1 <= seq <= self.require_readable(rows.key_of(user_id), channel):
            raise NotFound("There is no such event.")
        return self.committed(self.g_of(channel, seq))

    def require_readable(self, user: bytes, channel: bytes) -> int:
        """The latest seq of a log the person may read: a member every one of theirs, and everybody that of their own
        channel. Raises NotFound."""
        if user == channel:
            head = self.head_row(channel)
            return head.seq if head is not None else 0
        return self.require_member(user, channel)[0].seq

    # Contacts

    def contacts(self, user_id: UserId) -> list[Contact]:
        user = rows.key_of(user_id)
        first, last = rows.contact_key(user, rows.LOWEST), rows.contact_key(user, rows.HIGHEST)
        found = [_contact(key[-8:], row) for key, row in self._rows.scan(rows.PEOPLE, first, last)]
        return [contact for contact in found if contact is not None]

    def contact(self, user_id: UserId, other_id: UserId) -> Contact | None:
        other = rows.key_of(other_id)
        row = self._rows.get(rows.PEOPLE, rows.contact_key(rows.key_of(user_id), other))
        return _contact(other, row) if row is not None else None

    def peers(self, user_id: UserId) -> list[UserId]:
        user = rows.key_of(user_id)
        heads = [self.head_row(channel) for channel, left_g in self.memberships(user) if not left_g]
        directs = [head for head in heads if head is not None and head.kind == row_values.DIRECT]
        return [rows.user_id_of(head.peer_of(user)) for head in directs]

    def blocked_by(self, user_id: UserId, others: Iterable[UserId]) -> set[UserId]:
        contacts = ((other, self.contact(other, user_id)) for other in others)
        return {other for other, contact in contacts if contact is not None and contact.state == "blocked"}


def _contact(other: bytes, row: bytes) -> Contact | None:
    contact = row_values.unpack_contact(row)
    if contact.state == "none":
        return None
    return Contact(rows.user_id_of(other), contact.state, contact.incoming, contact.since)
