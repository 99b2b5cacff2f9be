"""Channels and members as the wire shows them: the store's rows with the people's names."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.accounts.wire import User
from app.channels.wire import Channel, Member
from app.core.ids import UserId
from app.store import port


class People(Protocol):
    """Who people are; `app.accounts.directory.Directory` fits. Unknown ids are not in the answer."""

    def users(self, user_ids: list[UserId]) -> Mapping[UserId, User]: ...


class ChannelViews:
    """Renders what the store knows of channels. One look at the people for a whole list."""

    def __init__(self, people: People) -> None:
        self._people = people

    def render(self, states: Sequence[port.ChannelState]) -> list[Channel]:
        """The channels as their member sees them, in the same order."""
        peers = self._people.users([state.peer_id for state in states if state.peer_id is not None])
        return [_channel(state, peers) for state in states]

    def render_members(self, members: Sequence[port.Member], delivered: Mapping[UserId, int]) -> list[Member]:
        """The members with their names, in the same order. `delivered`: how far the channel reached whose devices."""
        users = self._people.users([member.user_id for member in members])
        return [
            Member(
                user=_user(users, member.user_id),
                role=member.role,
                joined_at=member.joined_at,
                read_seq=member.read_seq,
                delivered_seq=max(member.read_seq, delivered.get(member.user_id, 0)),
            )
            for member in members
        ]


def _channel(state: port.ChannelState, peers: Mapping[UserId, User]) -> Channel:
    return Channel(
        id=state.id,
        kind=state.kind,
        name=state.name,
        topic=state.topic,
        role=state.role,
        member_count=state.member_count,
        head=state.head,
        read_seq=state.read_seq,
        unread=state.unread,
        mentions=0,
        notification_level=state.notification_level,
        peer=None if state.peer_id is None else _user(peers, state.peer_id),
        avatar_id=state.avatar_id or None,
        muted_until=state.muted_until,
        closed=state.closed,
    )


def _user(users: Mapping[UserId, User], user_id: UserId) -> User:
    """The person, or a nameless one: a membership outlives a relational database that was put back to an older day."""
    return users.get(user_id) or User(id=user_id, username="", display_name="", avatar_id=None)
