"""Presence over HTTP."""

from app.channels.addresses import require_channel_id
from app.core.api import Api, Caller
from app.presence.actions import PresenceDesk
from app.presence.wire import PresenceAnswer


def presence_api(presence: PresenceDesk) -> Api:
    """What is asked for instead of being told."""
    api = Api("presence")

    @api.operation("GET", "/channels/<channel_id>/presence", answer=PresenceAnswer)
    def get_presence(caller: Caller, channel_id: str) -> PresenceAnswer:
        """Who of a channel's members is here, as far as I may see it."""
        return PresenceAnswer(presence.of_channel(caller.user_id, require_channel_id(channel_id)))

    return api
