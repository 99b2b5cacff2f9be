"""Saying something, changing it, taking it back."""

import msgspec

from app.store import access, rows
from app.store.drafts import NewDelete, NewEdit, NewMessage
from app.store.events import DeleteEvent, EditEvent, MessageEvent, decode_event
from app.store.ledger import Ledger
from app.store.port import Accepted, Outcome, Rejected, Unchanged
from app.store.row_values import HeadRow
from app.store.rows import key_of


def send(ledger: Ledger, draft: NewMessage) -> Outcome:
    """Append a message; the author has read everything up to it."""
    channel, author = key_of(draft.channel_id), key_of(draft.author_id)
    found = access.present_in(ledger, channel, author)
    if found is None:
        return access.NOT_FOUND
    head, member = found
    if refused := access.refuse_speaking(head) or _refuse_reply(ledger, head, draft.reply_to):
        return refused
    seq = head.seq + 1
    head.count += 1
    event = MessageEvent(
        channel_id=draft.channel_id, seq=seq, at=ledger.time_in(head), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, count=head.count, text=draft.text, reply_to=draft.reply_to,
    )  # fmt: skip
    committed = ledger.append(head, rows.MESSAGE, event)
    member.read_seq, member.read_count = seq, head.count
    ledger.save_member(channel, author, member)
    return Accepted([committed])


def _refuse_reply(ledger: Ledger, head: HeadRow, reply_to: int | None) -> Rejected | None:
    if reply_to is None:
        return None
    index = ledger.index(head.channel, reply_to)
    if index is not None and index[2] == rows.MESSAGE:
        return None
    return Rejected(
        "invalid", "There is no message to reply to.", {"reply_to": "names no message of this channel"}
    )


def edit(ledger: Ledger, draft: NewEdit) -> Outcome:
    """Put new text in the place of the old, which is in no row afterwards. A deleted message is no longer there."""
    channel, author = key_of(draft.channel_id), key_of(draft.author_id)
    found = access.present_in(ledger, channel, author)
    target = _find_message(ledger, channel, draft.target) if found else None
    if found is None or target is None:
        return access.NOT_FOUND if found is None else access.NO_MESSAGE
    head, g, message, last_edit = found[0], *target
    if refused := access.refuse_speaking(head):
        return refused
    if message.author_id != draft.author_id:
        return Rejected("forbidden", "Only its author may edit a message.")
    if message.deleted:
        return access.NO_MESSAGE
    if message.text == draft.text:
        return Unchanged(rows.committed(g, ledger.journal(g)))
    seq, at = head.seq + 1, ledger.time_in(head)
    _forget_text(ledger, message, last_edit, seq)
    ledger.rewrite(g, msgspec.structs.replace(message, text=draft.text, edited_at=at, version=seq), seq)
    event = EditEvent(
        channel_id=draft.channel_id, seq=seq, at=at, author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, target=draft.target, text=draft.text,
    )  # fmt: skip
    return Accepted([ledger.append(head, rows.EDIT, event)])


def delete(ledger: Ledger, draft: NewDelete) -> Outcome:
    """Take a message back: its text, and that of its edits, is in no row afterwards."""
    channel, author = key_of(draft.channel_id), key_of(draft.author_id)
    found = access.present_in(ledger, channel, author)
    target = _find_message(ledger, channel, draft.target) if found else None
    if found is None or target is None:
        return access.NOT_FOUND if found is None else access.NO_MESSAGE
    (head, member), (g, message, last_edit) = found, target
    if message.author_id != draft.author_id and member.role == "member":
        return Rejected("forbidden", "Only its author, the owner and admins may delete a message.")
    if message.deleted:
        return Unchanged(rows.committed(g, ledger.journal(g)))
    if head.closed:
        return access.CLOSED
    seq = head.seq + 1
    _forget_text(ledger, message, last_edit, seq)
    ledger.rewrite(
        g, msgspec.structs.replace(message, text=None, edited_at=None, deleted=True, version=seq), 0
    )
    event = DeleteEvent(
        channel_id=draft.channel_id, seq=seq, at=ledger.time_in(head), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, target=draft.target,
    )  # fmt: skip
    return Accepted([ledger.append(head, rows.DELETE, event)])


def _find_message(ledger: Ledger, channel: bytes, seq: int) -> tuple[int, MessageEvent, int] | None:
    """`(g, message, seq of its last edit)` of a message of the channel."""
    index = ledger.index(channel, seq)
    if index is None or index[2] != rows.MESSAGE:
        return None
    row = ledger.journal(index[0])
    event = decode_event(rows.committed(index[0], row).body)
    return (index[0], event, rows.last_edit_of(row)) if isinstance(event, MessageEvent) else None


def _forget_text(ledger: Ledger, message: MessageEvent, last_edit: int, version: int) -> None:
    """Only the last edit still has text (each edit blanks the one before), so only that one is blanked."""
    ledger.forget_content(message.client_message_id, message.author_id)
    index = ledger.index(rows.key_of(message.channel_id), last_edit)
    if index is None:
        return
    edited = decode_event(rows.committed(index[0], ledger.journal(index[0])).body)
    if isinstance(edited, EditEvent):
        ledger.forget_content(edited.client_message_id, edited.author_id)
        ledger.rewrite(index[0], msgspec.structs.replace(edited, text="", version=version), 0)
