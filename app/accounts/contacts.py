"""Contacts: friends, requests and blocks. The message store keeps them and checks them in commits."""

from typing import Literal, Protocol

from app.accounts import wire
from app.accounts.directory import Directory
from app.core.errors import NotFound
from app.core.ids import UserId, personal_channel
from app.core.rates import Rate, require_rate
from app.store.committing import Committer
from app.store.drafts import ContactAction, SetContact
from app.store.outcomes import require_done
from app.store.port import Accepted, Contact

_ACTIONS: dict[Literal["requested", "accepted", "blocked"], ContactAction] = {
    "requested": "request",
    "accepted": "accept",
    "blocked": "block",
}


class ContactReads(Protocol):
    """What contacts ask of the message store."""

    def contacts(self, user_id: UserId) -> list[Contact]: ...

    def contact(self, user_id: UserId, other_id: UserId) -> Contact | None: ...


class Contacts:
    """A person's contacts. Changes are events of the personal channels of those who may see them.

    `rate`: how often one person may ask others to be theirs; to answer who asked is free.
    """

    def __init__(
        self, store: ContactReads, committer: Committer, directory: Directory, rate: Rate | None
    ) -> None:
        self._store = store
        self._committer = committer
        self._directory = directory
        self._rate = rate

    def of(self, user_id: UserId) -> list[wire.Contact]:
        """All of a person's contacts, in the order of the store."""
        contacts = self._store.contacts(user_id)
        people = self._directory.users(contact.user_id for contact in contacts)
        return [_shown(contact, people[contact.user_id]) for contact in contacts if contact.user_id in people]

    def request(self, user_id: UserId, other_id: UserId) -> tuple[wire.Contact, bool]:
        """Ask to be somebody's contact; accepts when they had asked. The contact, and whether anything changed.
        Raises NotFound, Invalid, RateLimited."""
        return self._change(user_id, other_id, "request")

    def change(
        self, user_id: UserId, other_id: UserId, state: Literal["requested", "accepted", "blocked"]
    ) -> wire.Contact:
        """Bring a contact into a state. Raises NotFound (nobody, or no request to accept), Invalid, RateLimited."""
        return self._change(user_id, other_id, _ACTIONS[state])[0]

    def remove(self, user_id: UserId, other_id: UserId) -> None:
        """Be no contacts any more, or block no more. Raises NotFound, Invalid."""
        self._submit(user_id, other_id, "remove")

    def _change(self, user_id: UserId, other_id: UserId, action: ContactAction) -> tuple[wire.Contact, bool]:
        changed = self._submit(user_id, other_id, action)
        contact = self._store.contact(user_id, other_id)
        if contact is None:  # taken back by another device meanwhile
            raise NotFound("You have no such contact.")
        return _shown(contact, self._directory.user(other_id)), changed

    def _submit(self, user_id: UserId, other_id: UserId, action: ContactAction) -> bool:
        """Whether the commit changed anything."""
        self._directory.user(other_id)
        if action == "request" and not self._has_asked(other_id, user_id):
            require_rate(self._rate, user_id)
        draft = SetContact(
            author_id=user_id, channel_id=personal_channel(user_id), other_id=other_id, action=action
        )
        return isinstance(require_done(self._committer.commit(draft)), Accepted)

    def _has_asked(self, other_id: UserId, user_id: UserId) -> bool:
        """Whether it is an answer to ask them."""
        contact = self._store.contact(user_id, other_id)
        return contact is not None and contact.incoming


def _shown(contact: Contact, user: wire.User) -> wire.Contact:
    return wire.Contact(user=user, state=contact.state, incoming=contact.incoming, since=contact.since)
