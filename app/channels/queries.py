"""Reading channels and members: what the store holds, with the read markers that are on their way to it."""

from bisect import bisect_right
from typing import Protocol

import msgspec

from app.channels.views import ChannelViews
from app.channels.wire import Channel, Member
from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId
from app.store import port
from app.store.events import MessageEvent, decode_event
from app.store.port import MAX_PAGE, ChannelState, MessageStore


class Markers(Protocol):
    """Where read markers are moved; `app.inbox.read_markers.ReadMarkers` fits."""

    def mark(self, user_id: UserId, channel: str, seq: int) -> int:
        """Move the marker forward; where it stands now. Raises NotFound."""

    def held(self, user_id: UserId, channel_id: ChannelId) -> int:
        """The marker that was answered and is not on disk yet; 0 when there is none."""


class Delivered(Protocol):
    """How far people's devices have acknowledged; `app.inbox.delivered.Delivered` fits."""

    def upto(self, user_id: UserId) -> int:
        """The commit index all of whose events up to it are on a device of this person; 0: not known."""


class ChannelQueries:
    """A person's channels. Raises NotFound alike for no such channel and for not being in it."""

    def __init__(
        self, store: MessageStore, views: ChannelViews, markers: Markers, delivered: Delivered
    ) -> None:
        self._store = store
        self._views = views
        self._markers = markers
        self._delivered = delivered

    def channels(self, user_id: UserId) -> list[Channel]:
        """Most recently active first."""
        states = self._store.heads(user_id).channels
        return self._views.render([self._as_answered(user_id, state) for state in states])

    def channel(self, user_id: UserId, channel_id: ChannelId) -> Channel:
        state = self._store.channel(user_id, channel_id)
        return self._views.render([self._as_answered(user_id, state)])[0]

    def members(self, user_id: UserId, channel_id: ChannelId) -> list[Member]:
        return self._members(user_id, channel_id, self._store.members(user_id, channel_id))

    def member(self, user_id: UserId, channel_id: ChannelId, member_id: UserId) -> Member:
        """One present member, as `user_id`, who is another, sees them."""
        found = [member for member in self._store.members(user_id, channel_id) if member.user_id == member_id]
        if not found:
            raise NotFound("There is no such member.")
        return self._members(user_id, channel_id, found)[0]

    def _members(self, user_id: UserId, channel_id: ChannelId, members: list[port.Member]) -> list[Member]:
        head = self._store.channel(user_id, channel_id).head.seq
        indexes = range(
            1, head + 1
        )  # of the log: `g` grows with `seq`, so a commit index is found by halving

        def reached(g: int) -> int:
            return bisect_right(indexes, g, key=lambda seq: self._store.event(user_id, channel_id, seq).g)

        known = {member.user_id: self._delivered.upto(member.user_id) for member in members}
        last = self._store.event(user_id, channel_id, head).g if head else 0
        delivered = {member_id: head if g >= last else reached(g) for member_id, g in known.items() if g > 0}
        return self._views.render_members(members, delivered)

    def _as_answered(self, user_id: UserId, state: ChannelState) -> ChannelState:
        """The state with the marker the person was told of, even if it is still on its way to the disk."""
        held = self._markers.held(user_id, state.id)
        if held <= state.read_seq:
            return state
        return msgspec.structs.replace(state, read_seq=held, unread=self._unread_after(user_id, state, held))

    def _unread_after(self, user_id: UserId, state: ChannelState, seq: int) -> int:
        """Messages beyond `seq`: the head's count less the messages before the first one there."""
        while seq < state.head.seq:
            page = self._store.history(user_id, state.id, after=seq, limit=MAX_PAGE)
            for row in page.events:
                event = decode_event(row.body)
                if isinstance(event, MessageEvent):
                    return max(0, state.head.count - event.count + 1)
            if not page.has_after:
                return 0
            seq = page.events[-1].seq
        return 0
