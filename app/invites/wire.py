"""What goes over the wire about invitations."""

from typing import Annotated

import msgspec
from msgspec import Meta

from app.accounts.wire import User

WEEK_SECONDS = 7 * 24 * 60 * 60
YEAR_SECONDS = 366 * 24 * 60 * 60


class NewInvite(msgspec.Struct, frozen=True, kw_only=True):
    """`uses`: how many people may come by it; null: as many as come before it expires."""

    expires_in_seconds: Annotated[int, Meta(ge=1, le=YEAR_SECONDS)] = WEEK_SECONDS
    uses: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation, as whoever holds its code sees it. `valid`: one can sign up with it now."""

    code: str
    server_name: str
    invited_by: User
    created_at: int
    expires_at: int
    uses_left: int | None
    valid: bool


class InviteAnswer(msgspec.Struct, frozen=True):
    invite: Invite
