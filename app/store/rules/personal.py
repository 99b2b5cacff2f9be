"""What concerns one person alone: read markers, settings, contacts. Each event is in their own channel."""

from app.core.ids import personal_channel
from app.store import access, rows
from app.store.drafts import MarkRead, SetContact, SetNotifications, TellProfile
from app.store.events import ContactEvent, ReadEvent, SettingsEvent
from app.store.ledger import Ledger
from app.store.port import Accepted, Committed, Outcome, Rejected, Unchanged
from app.store.row_values import ContactRow
from app.store.rows import key_of


def mark_read(ledger: Ledger, draft: MarkRead) -> Outcome:
    """The marker only moves forward, to the head at most."""
    channel, author = key_of(draft.channel_id), key_of(draft.author_id)
    found = access.present_in(ledger, channel, author)
    if found is None:
        return access.NOT_FOUND
    head, member = found
    read_seq = min(draft.seq, head.seq)
    index = ledger.index(channel, read_seq)
    if read_seq <= member.read_seq or index is None:
        return Unchanged()
    member.read_seq, member.read_count = read_seq, index[1]
    ledger.save_member(channel, author, member)
    own = ledger.personal_head(author)
    seq = own.seq + 1
    event = ReadEvent(
        channel_id=own.channel_id, seq=seq, at=ledger.time_in(own), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, target_channel_id=draft.channel_id, read_seq=read_seq,
    )  # fmt: skip
    return Accepted([ledger.append(own, rows.READ, event)])


def set_notifications(ledger: Ledger, draft: SetNotifications) -> Outcome:
    channel, author = key_of(draft.channel_id), key_of(draft.author_id)
    found = access.present_in(ledger, channel, author)
    if found is None:
        return access.NOT_FOUND
    member, muted_until = found[1], min(max(draft.muted_until or 0, 0), rows.LARGEST)
    if member.level == draft.level and member.muted_until == muted_until:
        return Unchanged()
    member.level, member.muted_until = draft.level, muted_until
    ledger.save_member(channel, author, member)
    own = ledger.personal_head(author)
    seq = own.seq + 1
    event = SettingsEvent(
        channel_id=own.channel_id, seq=seq, at=ledger.time_in(own), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, target_channel_id=draft.channel_id,
        notification_level=draft.level, muted_until=muted_until or None,
    )  # fmt: skip
    return Accepted([ledger.append(own, rows.SETTINGS, event)])


def tell_profile(ledger: Ledger, draft: TellProfile) -> Outcome:
    """The profile itself is in the relational database: nothing is compared, and nobody is refused."""
    if draft.channel_id != personal_channel(draft.author_id):
        return access.NOT_FOUND
    own = ledger.personal_head(key_of(draft.author_id))
    seq = own.seq + 1
    event = SettingsEvent(
        channel_id=own.channel_id, seq=seq, at=ledger.time_in(own), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, profile=draft.profile,
    )  # fmt: skip
    return Accepted([ledger.append(own, rows.SETTINGS, event)])


def set_contact(ledger: Ledger, draft: SetContact) -> Outcome:
    """What stands in the author's log and, unless they have blocked the author, in the other's."""
    if draft.channel_id != personal_channel(draft.author_id):
        return access.NOT_FOUND
    author, other = key_of(draft.author_id), key_of(draft.other_id)
    if author == other:
        return Rejected("invalid", "That is yourself.", {"user_id": "is yourself"})
    mine, theirs = ledger.contact(author, other), ledger.contact(other, author)
    decided = _DECISIONS[draft.action](mine, theirs, ledger.now_ms)
    if not isinstance(decided, tuple):
        return decided
    events = []
    if theirs.state != "blocked" and not _same(theirs, decided[1]):
        events.append(_record(ledger, draft, other, author, decided[1]))
    events.append(_record(ledger, draft, author, other, decided[0], draft.client_message_id))
    return Accepted(events)


Decided = tuple[ContactRow, ContactRow] | Outcome


def _request(mine: ContactRow, theirs: ContactRow, now: int) -> Decided:
    """Two who ask each other are contacts; so is who asks a person that still counts them as one."""
    if mine.state == "blocked":
        return Rejected("forbidden", "You have blocked this person.")
    if mine.state == "accepted" or (mine.state == "requested" and not mine.incoming):
        return Unchanged()
    if mine.incoming or theirs.state == "accepted" or (theirs.state == "requested" and not theirs.incoming):
        return ContactRow("accepted", False, now), ContactRow("accepted", False, now)
    return ContactRow("requested", False, now), ContactRow("requested", True, now)


def _accept(mine: ContactRow, theirs: ContactRow, now: int) -> Decided:
    if mine.state == "accepted":
        return Unchanged()
    if mine.state != "requested" or not mine.incoming:
        return Rejected("not_found", "This person has not asked.")
    return ContactRow("accepted", False, now), ContactRow("accepted", False, now)


def _block(mine: ContactRow, theirs: ContactRow, now: int) -> Decided:
    return Unchanged() if mine.state == "blocked" else (ContactRow("blocked", False, now), theirs)


def _remove(mine: ContactRow, theirs: ContactRow, now: int) -> Decided:
    if mine.state == "none":
        return Unchanged()
    none = ContactRow("none", False, now)
    return (none, theirs) if mine.state == "blocked" else (none, none)


_DECISIONS = {"request": _request, "accept": _accept, "block": _block, "remove": _remove}


def _same(one: ContactRow, other: ContactRow) -> bool:
    return one.state == other.state and one.incoming == other.incoming


def _record(
    ledger: Ledger, draft: SetContact, user: bytes, other: bytes, contact: ContactRow,
    client_message_id: str | None = None,
) -> Committed:  # fmt: skip
    _note_blocks(ledger, user, other, contact)
    ledger.save_contact(user, other, contact)
    own = ledger.personal_head(user)
    seq = own.seq + 1
    event = ContactEvent(
        channel_id=own.channel_id, seq=seq, at=ledger.time_in(own), author_id=draft.author_id, version=seq,
        client_message_id=client_message_id, user_id=rows.user_id_of(other), state=contact.state,
        incoming=contact.incoming,
    )  # fmt: skip
    return ledger.append(own, rows.CONTACT_KIND, event)


def _note_blocks(ledger: Ledger, user: bytes, other: bytes, contact: ContactRow) -> None:
    """The direct channel of the two knows how many of them block the other."""
    change = (contact.state == "blocked") - ledger.has_blocked(user, other)
    if not change:
        return
    low, high = rows.pair_of(user, other)
    channel = ledger.get(rows.DIRECTS, low + high)
    head = ledger.head(channel) if channel is not None else None
    if head is not None:
        head.blocks += change
        ledger.touch_head(head)
