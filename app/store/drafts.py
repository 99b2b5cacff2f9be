"""What callers ask the store to commit. Each draft has its own answer; rights are decided inside the commit.

Content is parsed and bounded before a draft is made (text normalised, names trimmed); what only the store can
know (membership, roles, blocks, duplicates, heads) is decided in the transaction.
"""

from typing import Literal

import msgspec

from app.core.ids import ChannelId, UserId
from app.store.events import NotificationLevel, ProfileChanged, Role

ContactAction = Literal["request", "accept", "block", "remove"]
MAX_MEMBERS = 100  # people in a group, the creator included


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """`author_id` acts; `client_message_id` (canonical UUID text) makes it safe to repeat."""

    author_id: UserId
    channel_id: ChannelId
    client_message_id: str | None = None


class NewMessage(Draft, frozen=True, kw_only=True):
    """Say something. Rejected: not_found (no present member), forbidden (closed, or blocked), invalid (`reply_to`
    names no message of this channel)."""

    text: str
    reply_to: int | None = None


class NewEdit(Draft, frozen=True, kw_only=True):
    """New text for one's own message. Unchanged when it has that text already. Rejected: not_found (also for a deleted
    one), forbidden (another's; closed; blocked, since an edit says something)."""

    target: int
    text: str


class NewDelete(Draft, frozen=True, kw_only=True):
    """Take one's own message back (from somebody who blocks, too); owners and admins may take back any. Unchanged when
    it is gone already. Rejected: not_found, forbidden (another's; closed)."""

    target: int


class NewDirect(Draft, frozen=True, kw_only=True):
    """A channel of two. Existing when the pair has one. Rejected: forbidden (blocked), invalid (oneself)."""

    peer_id: UserId


class NewGroup(Draft, frozen=True, kw_only=True):
    """A group; the author becomes owner and is among its members. Rejected: too_many_members, conflict (id in use)."""

    name: str
    member_ids: list[UserId]
    topic: str = ""


class AddMembers(Draft, frozen=True, kw_only=True):
    """Any present member of a group may bring people in. Unchanged when all are in. Rejected: not_found, forbidden
    (direct, closed), too_many_members."""

    user_ids: list[UserId]


class RemoveMember(Draft, frozen=True, kw_only=True):
    """Leave (oneself), or put somebody out: owner anyone, admins plain members. Unchanged when not in. When the owner
    leaves, the longest-serving admin, else the longest-serving member, is owner from then on (a `role` event first)."""

    user_id: UserId


class SetRole(Draft, frozen=True, kw_only=True):
    """Owner only; making somebody else owner makes oneself admin (two events)."""

    user_id: UserId
    role: Role


class ChangeChannel(Draft, frozen=True, kw_only=True):
    """Owner and admins of a group; None leaves a thing as it is, "" takes topic or avatar away."""

    name: str | None = None
    topic: str | None = None
    avatar_id: str | None = None


class CloseChannel(Draft, frozen=True, kw_only=True):
    """Owner only: nothing is said or changed in it any more; it can still be read and left."""


class MarkRead(Draft, frozen=True, kw_only=True):
    """Move the author's read marker in `channel_id` forward to `seq`, clamped to the head; a `read` event in the
    personal channel. Unchanged when it is there already."""

    seq: int


class SetNotifications(Draft, frozen=True, kw_only=True):
    """How `channel_id` notifies the author; a `settings` event in the personal channel."""

    level: NotificationLevel
    muted_until: int | None = None


class TellProfile(Draft, frozen=True, kw_only=True):
    """Let the author's own devices know what they changed of their profile, which is kept elsewhere; a `settings` event
    in `channel_id`, their personal channel."""

    profile: ProfileChanged


class SetContact(Draft, frozen=True, kw_only=True):
    """Change where the author stands with `other_id`; `channel_id` is the author's personal channel.

    request: both logs get `requested` (the other with `incoming`), or `accepted` when the other had asked; when the
    other has blocked the author only the author's log does; forbidden while the author blocks the other. accept: needs
    an incoming request (else not_found).
    block: the author's log only; the other's standing stays as it was to their eyes. remove: `none` in both logs (for a
    block: the author's only)."""

    other_id: UserId
    action: ContactAction


AnyDraft = (
    NewMessage | NewEdit | NewDelete | NewDirect | NewGroup | AddMembers | RemoveMember | SetRole | ChangeChannel
    | CloseChannel | MarkRead | SetNotifications | TellProfile | SetContact
)  # fmt: skip
