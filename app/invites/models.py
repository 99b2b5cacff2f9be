"""The tables of invitations and of who came by which. Times are milliseconds since 1970."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class InviteRow(Base):
    """A link that lets people sign up."""

    __tablename__ = "invites"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    inviter_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]
    uses_left: Mapped[int | None]
    """None: as many as come before it expires."""
    revoked_at: Mapped[int | None]


class InviteUseRow(Base):
    """Who signed up with which invitation."""

    __tablename__ = "invite_uses"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("invites.code", ondelete="CASCADE"), index=True)
    used_at: Mapped[int]
