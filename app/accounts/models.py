"""The tables of people and their sessions. Times are milliseconds since 1970."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.engines import binary

ID = String(16)
EVERYONE = "everyone"
_OWNED = text("is_owner")


class UserRow(Base):
    """A person with an account."""

    __tablename__ = "users"
    # One owner, even if two processes take a first sign-up at the same moment.
    __table_args__ = (
        Index("uq_users_owner", "is_owner", unique=True, sqlite_where=_OWNED, postgresql_where=_OWNED),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    username: Mapped[str] = mapped_column(String(32))
    username_key: Mapped[str] = mapped_column(binary(128), unique=True)
    """What makes a username unique; see names.username_key."""
    display_name: Mapped[str] = mapped_column(String(64))
    search_key: Mapped[str] = mapped_column(Text)
    """The lines a search looks in; see names.search_key."""
    password_hash: Mapped[str] = mapped_column(String(255))
    is_owner: Mapped[bool]
    is_admin: Mapped[bool]
    locale: Mapped[str | None] = mapped_column(String(35))
    avatar_id: Mapped[str | None] = mapped_column(ID)
    presence: Mapped[str] = mapped_column(String(16), server_default=EVERYONE)
    """Who may see whether the person is here: wire.Visibility."""
    created_at: Mapped[int]
    suspended_at: Mapped[int | None]


class SessionRow(Base):
    """A sign-in: one browser or program. Kept when ended, as the history of where an account was used."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id_place", "user_id", "place"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the secret token, in hex; the token itself is nowhere on the server."""
    device: Mapped[str] = mapped_column(String(64))
    ip: Mapped[str] = mapped_column(String(45))
    place: Mapped[str] = mapped_column(String(45))
    """What counts as one address for throttling; see devices.address_group."""
    created_at: Mapped[int]
    last_seen_at: Mapped[int]
    ended_at: Mapped[int | None]


class OutboxRow(Base):
    """A change of a profile that the message store has yet to be told of; gone when it was. Written in the transaction
    of the change, so that neither is without the other."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    """The changes of one person are numbered in their order; those of two people in any."""
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_message_id: Mapped[str] = mapped_column(String(36))
    """The event's: however often it is told, it is one event."""
    profile: Mapped[str] = mapped_column(Text)
    """JSON of app.store.events.ProfileChanged."""
