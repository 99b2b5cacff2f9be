"""What goes over the wire about invitations."""

from typing import Annotated

import msgspec
from msgspec import Meta

WEEK_SECONDS = 7 * 24 * 60 * 60
YEAR_SECONDS = 366 * 24 * 60 * 60


class NewInvite(msgspec.Struct, frozen=True, kw_only=True):
    """`uses`: how many people may come by it; null: as many as come before it expires."""

    expires_in_seconds: Annotated[int, Meta(ge=1, le=YEAR_SECONDS)] = WEEK_SECONDS
    uses: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation, as its maker sees it. `path`: the page it opens, below the public address."""

    code: str
    path: str
    created_at: int
    expires_at: int
    uses_left: int | None


class InviteAnswer(msgspec.Struct, frozen=True):
    invite: Invite


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation, as whoever holds the link sees it. `valid`: one can sign up with it now."""

    code: str
    server_name: str
    inviter: str
    valid: bool


class InvitationAnswer(msgspec.Struct, frozen=True):
    invite: Invitation
