"""From a draft to its answer: a repeat is recognised first, before rights; then the rule of its kind decides."""

import struct
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec

from app.core.ids import ChannelId
from app.store import access, rows
from app.store.drafts import (
    AddMembers,
    AnyDraft,
    ChangeChannel,
    CloseChannel,
    MarkRead,
    NewDelete,
    NewDirect,
    NewEdit,
    NewGroup,
    NewMessage,
    RemoveMember,
    SetContact,
    SetNotifications,
    SetRole,
    TellProfile,
)  # fmt: skip
from app.store.ledger import Ledger
from app.store.port import Accepted, Duplicate, Outcome, Rejected
from app.store.rules import channels, memberships, messages, personal

_RULES: dict[type[AnyDraft], Callable[[Ledger, Any], Outcome]] = {
    NewMessage: messages.send,
    NewEdit: messages.edit,
    NewDelete: messages.delete,
    NewDirect: channels.open_direct,
    NewGroup: channels.open_group,
    ChangeChannel: channels.change,
    CloseChannel: channels.close,
    AddMembers: memberships.add,
    RemoveMember: memberships.remove,
    SetRole: memberships.set_role,
    MarkRead: personal.mark_read,
    SetNotifications: personal.set_notifications,
    TellProfile: personal.tell_profile,
    SetContact: personal.set_contact,
}
_PERSONAL = frozenset((MarkRead, SetNotifications, TellProfile, SetContact))
_OPENING = frozenset((NewDirect, NewGroup))
_OTHER_CONTENT = Rejected("conflict", "This client_message_id was used for something else.")
_encode = msgspec.msgpack.Encoder().encode


class Unacceptable(Exception):
    """A draft that no row can hold (text that is no Unicode, a number too large), which its maker should have refused.
    The transaction has to be given up; without this draft it will go through."""


def apply(ledger: Ledger, draft: AnyDraft) -> Outcome:
    """Decide and write one draft. Raises Unacceptable."""
    rule = _RULES[type(draft)]
    try:
        if draft.client_message_id is None:
            return rule(ledger, draft)
        key = rows.duplicate_key(draft.client_message_id, rows.key_of(draft.author_id))
        content = digest(draft)
        known = ledger.get(rows.DUPLICATES, key)
        if known is not None:
            return _answer_again(ledger, known, content)
        outcome = rule(ledger, draft)
    except rows.MalformedId:
        return access.NOT_FOUND
    except (ValueError, TypeError, ArithmeticError, struct.error) as error:
        raise Unacceptable from error
    if isinstance(outcome, Accepted):
        ledger.put(rows.DUPLICATES, key, rows.pack_duplicate(outcome.event.g, content))
    return outcome


def _answer_again(ledger: Ledger, known: bytes, content: bytes) -> Outcome:
    g, first_content = rows.unpack_duplicate(known)
    if first_content not in (content, rows.ANY_CONTENT):
        return _OTHER_CONTENT
    return Duplicate(rows.committed(g, ledger.journal(g)))


def digest(draft: AnyDraft) -> bytes:
    """What tells a repeat from another content under the same id: everything the author chose, so not the id that was
    drawn for a new channel. Fields left at their default are not in it, so new ones keep old digests valid."""
    kind = type(draft)
    if kind in _OPENING:
        draft = msgspec.structs.replace(draft, channel_id=ChannelId(""))
    return blake2b(_encode((kind.__name__, draft)), digest_size=16).digest()


def landing_order(draft: AnyDraft) -> tuple[bool, str]:
    """Sorts the drafts of a batch so that the events of one channel are neighbours in `g`: live delivery sends one
    frame per run. What lands in a personal channel comes last; otherwise drafts of one channel keep their order."""
    return (True, draft.author_id) if type(draft) in _PERSONAL else (False, draft.channel_id)
