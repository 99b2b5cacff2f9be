"""Finding people: by name, or by id."""

from app.accounts import queries, wire
from app.accounts.directory import Directory
from app.core.db import Database
from app.core.errors import Invalid
from app.core.ids import UserId, is_id


class People:
    """Who is on this server. Any signed-in person may look."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory

    def one(self, user_id: UserId) -> wire.User:
        """Raises NotFound."""
        return self._directory.user(user_id)

    def find(self, query: wire.UserQuery) -> list[wire.User]:
        """Those named by id, in that order, unknown ones left out; or a page of those the search finds.
        Raises Invalid."""
        if query.ids is not None:
            return self._several(_require_ids(query.ids))
        after = None if query.after is None else UserId(query.after)
        limit = min(query.limit, wire.MAX_USERS)
        return self._database.read(lambda session: queries.page_users(session, query.q, after, limit))

    def _several(self, user_ids: list[UserId]) -> list[wire.User]:
        found = self._directory.users(user_ids)
        return [found[user_id] for user_id in dict.fromkeys(user_ids) if user_id in found]


def _require_ids(text: str) -> list[UserId]:
    ids = [UserId(part) for part in text.split(",") if part]
    if len(ids) > wire.MAX_IDS:
        raise Invalid("Too many ids at once.", fields={"ids": f"At most {wire.MAX_IDS}"})
    return [user_id for user_id in ids if is_id(user_id)]
