"""Reading what was said: pages of history and of the raw log. Bounds are checked here; the store decides who may."""

from app.channels.addresses import require_channel_id
from app.core.errors import Invalid
from app.core.ids import UserId
from app.messages.wire import HistoryQuery, LogQuery
from app.store.port import HistoryPage, MessageStore


class History:
    """What a present member may read of a channel: all of it. Raises NotFound for everybody else."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    def page(self, user_id: UserId, channel_id: str, query: HistoryQuery) -> HistoryPage:
        """Messages in their present state, joins, leaves and changes of the channel. Raises Invalid for two bounds."""
        bounds = {
            name: bound
            for name, bound in (("before", query.before), ("after", query.after), ("around", query.around))
            if bound is not None
        }
        if len(bounds) > 1:
            raise Invalid(
                "A page lies before, after or around one position.",
                fields=dict.fromkeys(bounds, "Only one of them."),
            )
        return self._store.history(user_id, require_channel_id(channel_id), **bounds, limit=query.limit)

    def log(self, user_id: UserId, channel_id: str, query: LogQuery) -> HistoryPage:
        """Every event beyond `after`, dense: for repairing a gap."""
        return self._store.events(user_id, require_channel_id(channel_id), query.after, query.limit)
