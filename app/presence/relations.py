"""How one person stands to others, as far as it decides what they may see of whom. Read from the message store."""

from collections.abc import Iterable

import msgspec

from app.core.ids import UserId
from app.presence.port import PeopleReads
from app.presence.records import Sight
from app.presence.wire import UNKNOWN, Presence

MAX_WATCHED = 1_000  # people one person is told of at once; of more only the first


class Relations(msgspec.Struct, frozen=True):
    """`contacts`: who is an accepted one. `hidden`: with whom nothing is shared, since one has blocked the other."""

    user_id: UserId
    contacts: frozenset[UserId]
    hidden: frozenset[UserId]

    def shown(self, user_id: UserId, sight: Sight) -> Presence:
        """What this person may see of another with whom they share a channel; of themselves everything."""
        if user_id == self.user_id:
            return sight.presence
        return UNKNOWN if user_id in self.hidden else sight.shown_to(user_id in self.contacts)


def relations(store: PeopleReads, user_id: UserId, others: Iterable[UserId]) -> Relations:
    """A person's relations to those others."""
    contacts = store.contacts(user_id)
    blocked = {contact.user_id for contact in contacts if contact.state == "blocked"}
    accepted = frozenset(contact.user_id for contact in contacts if contact.state == "accepted")
    return Relations(user_id, accepted, frozenset(blocked | store.blocked_by(user_id, others)))


def acquaintances(store: PeopleReads, user_id: UserId) -> dict[UserId, bool]:
    """Whose presence a person is told of as it changes, and whether they are their contact: accepted contacts and
    those they have a direct channel with, but for blocks, of whichever side."""
    contacts = store.contacts(user_id)
    blocked = {contact.user_id for contact in contacts if contact.state == "blocked"}
    found = {contact.user_id: True for contact in contacts if contact.state == "accepted"}
    for peer in store.peers(user_id):
        found.setdefault(peer, False)
    found.pop(user_id, None)
    some = dict(list(found.items())[:MAX_WATCHED])
    blocked |= store.blocked_by(user_id, some)
    return {other: is_contact for other, is_contact in some.items() if other not in blocked}
