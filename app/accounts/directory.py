"""The directory: who an id belongs to, kept at hand, because names are shown with everything."""

from collections import OrderedDict
from collections.abc import Iterable

from app.accounts import queries, wire
from app.core.asked_together import AskedTogether
from app.core.db import Database
from app.core.errors import NotFound
from app.core.ids import UserId

CACHE_SIZE = 50_000


class Directory:
    """People by id. What is not at hand is read from the database, which waits: not for event-loop callbacks.

    A process that learns of a changed profile calls `forget`.
    """

    def __init__(self, database: Database, size: int = CACHE_SIZE) -> None:
        self._database = database
        self._size = size
        self._known: OrderedDict[UserId, wire.User] = OrderedDict()
        self._forgotten = 0
        self._lookups = AskedTogether(self._read)

    def users(self, user_ids: Iterable[UserId]) -> dict[UserId, wire.User]:
        """Those of the people who exist."""
        wanted = set(user_ids)
        found = {user_id: self._at_hand(user_id) for user_id in wanted if user_id in self._known}
        if missing := wanted - found.keys():
            found |= self._lookups.find_all(missing)
        return found

    def user(self, user_id: UserId) -> wire.User:
        """One person. Raises NotFound."""
        user = self.users([user_id]).get(user_id)
        if user is None:
            raise NotFound("There is no such person.")
        return user

    def require(self, user_ids: Iterable[UserId]) -> dict[UserId, wire.User]:
        """All of the people. Raises NotFound when one of them does not exist."""
        wanted = set(user_ids)
        found = self.users(wanted)
        if found.keys() != wanted:
            raise NotFound("There is no such person.", fields={"user_id": "No such person"})
        return found

    def forget(self, user_id: UserId) -> None:
        """Ask the database again for this person."""
        self._forgotten += 1
        self._known.pop(user_id, None)

    def forget_everybody(self) -> None:
        """Ask the database again for all: changes may have been missed."""
        self._forgotten += 1
        self._known.clear()

    def _at_hand(self, user_id: UserId) -> wire.User:
        self._known.move_to_end(user_id)
        return self._known[user_id]

    def _read(self, user_ids: list[UserId]) -> dict[UserId, wire.User]:
        forgotten = self._forgotten
        found = self._database.read(lambda session: queries.users(session, user_ids))
        if forgotten == self._forgotten:  # else one of them may have changed while the database was asked
            self._known.update(found)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return found
