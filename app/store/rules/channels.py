"""Opening conversations, naming them, closing them."""

from app.store import access, row_values, rows
from app.store.drafts import MAX_MEMBERS, ChangeChannel, CloseChannel, NewDirect, NewGroup
from app.store.events import ChannelEvent, JoinEvent
from app.store.ledger import Ledger
from app.store.port import Accepted, Committed, Existing, Outcome, Rejected, Unchanged
from app.store.row_values import ChannelRecord, HeadRow
from app.store.rows import key_of
from app.store.rules.memberships import enter

ID_IN_USE = Rejected("conflict", "This id is in use; draw another.")


def open_direct(ledger: Ledger, draft: NewDirect) -> Outcome:
    """A pair has one channel, whoever opens it and however often; it is found again even between people who block."""
    channel, author, peer = key_of(draft.channel_id), key_of(draft.author_id), key_of(draft.peer_id)
    if author == peer:
        return Rejected("invalid", "A conversation needs somebody else.", {"peer_id": "is yourself"})
    pair = rows.pair_of(author, peer)
    existing = ledger.get(rows.DIRECTS, pair[0] + pair[1])
    if existing is not None:
        return Existing(rows.channel_id_of(existing))
    if ledger.has_blocked(author, peer) or ledger.has_blocked(peer, author):
        return access.BLOCKED
    if ledger.head(channel) is not None:
        return ID_IN_USE
    head = HeadRow(channel, row_values.DIRECT, pair)
    committed = _begin(ledger, head, draft, [author, peer])
    ledger.put(rows.DIRECTS, pair[0] + pair[1], channel)
    return Accepted([committed])


def open_group(ledger: Ledger, draft: NewGroup) -> Outcome:
    channel, author = key_of(draft.channel_id), key_of(draft.author_id)
    others = [user for user in dict.fromkeys(map(key_of, draft.member_ids)) if user != author]
    if len(others) >= MAX_MEMBERS:
        return Rejected("too_many_members", f"A group has at most {MAX_MEMBERS} members.")
    if refused := access.refuse_bringing_in(ledger, author, others):
        return refused
    if ledger.head(channel) is not None:
        return ID_IN_USE
    committed = _begin(ledger, HeadRow(channel, row_values.GROUP), draft, [author, *others])
    owner = ledger.member(channel, author)
    if owner is not None:
        owner.role = "owner"
    ledger.save_record(channel, ChannelRecord(draft.name, draft.topic))
    return Accepted([committed])


def _begin(ledger: Ledger, head: HeadRow, draft: NewDirect | NewGroup, users: list[bytes]) -> Committed:
    """The first event of a channel: all its people join it at once."""
    ledger.open_head(head)
    event = JoinEvent(
        channel_id=draft.channel_id, seq=1, at=ledger.time_in(head), author_id=draft.author_id, version=1,
        client_message_id=draft.client_message_id, user_ids=[rows.user_id_of(user) for user in users],
    )  # fmt: skip
    committed = ledger.append(head, rows.JOIN, event)
    enter(ledger, head, users)
    return committed


def change(ledger: Ledger, draft: ChangeChannel) -> Outcome:
    """The event carries only what differs from before."""
    channel = key_of(draft.channel_id)
    found = access.present_in(ledger, channel, key_of(draft.author_id))
    if found is None:
        return access.NOT_FOUND
    head, member = found
    if refused := access.refuse_changing_group(head):
        return refused
    if member.role == "member":
        return access.ADMINS_ONLY
    before = ledger.record(channel)
    name = draft.name if draft.name != before.name else None
    topic = draft.topic if draft.topic != before.topic else None
    avatar_id = draft.avatar_id if draft.avatar_id != (before.avatar_id or "") else None
    if name is None and topic is None and avatar_id is None:
        return Unchanged()
    seq = head.seq + 1
    event = ChannelEvent(
        channel_id=draft.channel_id, seq=seq, at=ledger.time_in(head), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, name=name, topic=topic, avatar_id=avatar_id,
    )  # fmt: skip
    after = ChannelRecord(
        before.name if name is None else name,
        before.topic if topic is None else topic,
        before.avatar_id if avatar_id is None else avatar_id or None,
    )
    ledger.save_record(channel, after)
    return Accepted([ledger.append(head, rows.CHANNEL, event)])


def close(ledger: Ledger, draft: CloseChannel) -> Outcome:
    found = access.present_in(ledger, key_of(draft.channel_id), key_of(draft.author_id))
    if found is None:
        return access.NOT_FOUND
    head, member = found
    if head.kind != row_values.GROUP:
        return access.NOT_A_GROUP
    if member.role != "owner":
        return access.OWNER_ONLY
    if head.closed:
        return Unchanged()
    seq = head.seq + 1
    event = ChannelEvent(
        channel_id=draft.channel_id, seq=seq, at=ledger.time_in(head), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, closed=True,
    )  # fmt: skip
    head.closed = True
    return Accepted([ledger.append(head, rows.CHANNEL, event)])
