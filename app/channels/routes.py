"""Channels over HTTP: parse, call, render."""

from app.channels.actions import Channels
from app.channels.addresses import require_channel_id, require_user_id
from app.channels.queries import ChannelQueries, Markers
from app.channels.wire import (
    AddMember,
    ChannelAnswer,
    ChannelsAnswer,
    CreateDirect,
    CreateGroup,
    MemberAnswer,
    MembersAnswer,
    PatchChannel,
    PatchMember,
    PutNotifications,
    PutRead,
    ReadAnswer,
)
from app.core.api import Api, Caller, Reply


def channels_api(channels: Channels, queries: ChannelQueries, markers: Markers) -> Api:
    """The calls under `/channels` but those about messages."""
    api = Api("channels")

    def shown(caller: Caller, channel_id: str) -> ChannelAnswer:
        return ChannelAnswer(queries.channel(caller.user_id, require_channel_id(channel_id)))

    @api.operation(
        "POST",
        "/channels",
        body=CreateDirect | CreateGroup,
        answer=ChannelAnswer,
        status=201,
        also={200: ChannelAnswer},
        errors=("forbidden", "too_many_members", "rate_limited"),
    )
    def create_channel(caller: Caller, body: CreateDirect | CreateGroup) -> Reply:
        """Make a direct channel or a group; 200 with the direct channel the two have already."""
        channel_id, is_new = channels.create(caller.user_id, body)
        return Reply(shown(caller, channel_id), 201 if is_new else 200)

    @api.operation("GET", "/channels", answer=ChannelsAnswer)
    def list_channels(caller: Caller) -> ChannelsAnswer:
        """The channels one is in, most recently active first."""
        return ChannelsAnswer(queries.channels(caller.user_id))

    @api.operation("GET", "/channels/<channel_id>", answer=ChannelAnswer)
    def get_channel(caller: Caller, channel_id: str) -> ChannelAnswer:
        """One channel, as one sees it."""
        return shown(caller, channel_id)

    @api.operation(
        "PATCH",
        "/channels/<channel_id>",
        body=PatchChannel,
        answer=ChannelAnswer,
        errors=("forbidden", "rate_limited"),
    )
    def change_channel(caller: Caller, channel_id: str, body: PatchChannel) -> ChannelAnswer:
        """Rename a group or change its topic: its owner and admins."""
        channels.change(caller.user_id, require_channel_id(channel_id), body)
        return shown(caller, channel_id)

    @api.operation("DELETE", "/channels/<channel_id>", errors=("forbidden",))
    def close_channel(caller: Caller, channel_id: str) -> None:
        """Close a group for good: its owner. It stays to be read, and can be left."""
        channels.close(caller.user_id, require_channel_id(channel_id))

    @api.operation("GET", "/channels/<channel_id>/members", answer=MembersAnswer)
    def list_members(caller: Caller, channel_id: str) -> MembersAnswer:
        """Who is in the channel now."""
        return MembersAnswer(queries.members(caller.user_id, require_channel_id(channel_id)))

    @api.operation(
        "POST",
        "/channels/<channel_id>/members",
        body=AddMember,
        answer=MemberAnswer,
        status=201,
        also={200: MemberAnswer},
        errors=("forbidden", "too_many_members", "rate_limited"),
    )
    def add_member(caller: Caller, channel_id: str, body: AddMember) -> Reply:
        """Bring somebody into a group; 200 when they are in already."""
        identity = require_channel_id(channel_id)
        is_new = channels.add_member(caller.user_id, identity, body.user_id)
        member = queries.member(caller.user_id, identity, require_user_id(body.user_id))
        return Reply(MemberAnswer(member), 201 if is_new else 200)

    @api.operation(
        "PATCH",
        "/channels/<channel_id>/members/<user_id>",
        body=PatchMember,
        answer=MemberAnswer,
        errors=("forbidden", "rate_limited"),
    )
    def change_role(caller: Caller, channel_id: str, user_id: str, body: PatchMember) -> MemberAnswer:
        """Give a member another role: the owner. Making somebody else owner makes oneself admin."""
        identity, member_id = require_channel_id(channel_id), require_user_id(user_id)
        channels.set_role(caller.user_id, identity, member_id, body.role)
        return MemberAnswer(queries.member(caller.user_id, identity, member_id))

    @api.operation("DELETE", "/channels/<channel_id>/members/<user_id>", errors=("forbidden",))
    def remove_member(caller: Caller, channel_id: str, user_id: str) -> None:
        """Leave a group (oneself), or put a member out of it."""
        channels.remove_member(caller.user_id, require_channel_id(channel_id), require_user_id(user_id))

    @api.operation("PUT", "/channels/<channel_id>/read", body=PutRead, answer=ReadAnswer)
    def put_read(caller: Caller, channel_id: str, body: PutRead) -> ReadAnswer:
        """Move one's read marker forward, to the head at most. May be answered before it is on disk."""
        return ReadAnswer(markers.mark(caller.user_id, channel_id, body.seq))

    @api.operation("PUT", "/channels/<channel_id>/notifications", body=PutNotifications, answer=ChannelAnswer)
    def put_notifications(caller: Caller, channel_id: str, body: PutNotifications) -> ChannelAnswer:
        """How the channel notifies this person."""
        channels.set_notifications(caller.user_id, require_channel_id(channel_id), body)
        return shown(caller, channel_id)

    return api
