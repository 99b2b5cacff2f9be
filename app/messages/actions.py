"""Saying, editing and taking back. Content is parsed here; rights are decided inside the commit."""

import re
from typing import Final, Protocol

from app.channels.addresses import require_channel_id
from app.core.errors import Invalid
from app.core.ids import UserId
from app.core.rates import Rate, require_rate
from app.messages.text import normalise_text
from app.store.committing import Committer, Done
from app.store.drafts import AnyDraft, NewDelete, NewEdit, NewMessage
from app.store.port import Outcome

_is_canonical: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_uuid: Final = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?"
).fullmatch


class Messages:
    """Send, edit and delete messages: committed first, then delivered.

    Each call comes twice: with `done` for a socket that goes on meanwhile (called on the event loop with the outcome),
    and as `commit_…` for a request that waits for it. Both raise Invalid, NotFound or RateLimited before anything is
    queued; what the commit refuses comes as its outcome. Safe to repeat with the same `client_message_id`.
    """

    def __init__(self, committer: Committer, rate: Rate | None) -> None:
        self._committer = committer
        self._rate = rate

    def send(self, author_id: UserId, channel_id: str, message: "Sending", done: Done) -> None:
        self._committer.submit(self._message(author_id, channel_id, message), done)

    def commit_send(self, author_id: UserId, channel_id: str, message: "Sending") -> Outcome:
        return self._committer.commit(self._message(author_id, channel_id, message))

    def edit(self, author_id: UserId, channel_id: str, target: int, edit: "Editing", done: Done) -> None:
        self._committer.submit(self._edit(author_id, channel_id, target, edit), done)

    def commit_edit(self, author_id: UserId, channel_id: str, target: int, edit: "Editing") -> Outcome:
        return self._committer.commit(self._edit(author_id, channel_id, target, edit))

    def delete(
        self, author_id: UserId, channel_id: str, target: int, client_message_id: str | None, done: Done
    ) -> None:
        self._committer.submit(self._delete(author_id, channel_id, target, client_message_id), done)

    def commit_delete(self, author_id: UserId, channel_id: str, target: int) -> Outcome:
        return self._committer.commit(self._delete(author_id, channel_id, target, None))

    def _message(self, author_id: UserId, channel_id: str, message: "Sending") -> AnyDraft:
        draft = NewMessage(
            author_id=author_id,
            channel_id=require_channel_id(channel_id),
            client_message_id=canonical_uuid(message.client_message_id),
            text=normalise_text(message.text),
            reply_to=message.reply_to,
        )
        require_rate(self._rate, author_id)
        return draft

    def _edit(self, author_id: UserId, channel_id: str, target: int, edit: "Editing") -> AnyDraft:
        draft = NewEdit(
            author_id=author_id,
            channel_id=require_channel_id(channel_id),
            client_message_id=canonical_uuid(edit.client_message_id),
            target=target,
            text=normalise_text(edit.text),
        )
        require_rate(self._rate, author_id)
        return draft

    def _delete(
        self, author_id: UserId, channel_id: str, target: int, client_message_id: str | None
    ) -> AnyDraft:
        draft = NewDelete(
            author_id=author_id,
            channel_id=require_channel_id(channel_id),
            client_message_id=None if client_message_id is None else canonical_uuid(client_message_id),
            target=target,
        )
        require_rate(self._rate, author_id)
        return draft


class Editing(Protocol):
    """What an edit is made of: the REST body and the socket's frame both are one."""

    @property
    def client_message_id(self) -> str: ...

    @property
    def text(self) -> str: ...


class Sending(Editing, Protocol):
    """What a message is made of: the REST body and the socket's frame both are one."""

    @property
    def reply_to(self) -> int | None: ...


def canonical_uuid(text: str) -> str:
    """A UUID as lowercase hex with hyphens, of any form people write one in. Raises Invalid."""
    if _is_canonical(text):
        return text
    match = _uuid(text.lower())
    if match is None:
        raise Invalid(
            "The id of the message is not valid.", fields={"client_message_id": "It must be a UUID."}
        )
    return "-".join(match.groups())
