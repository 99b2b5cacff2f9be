"""People, sessions, invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(16)
TIME = sa.BigInteger()
BINARY = sa.String(128).with_variant(
    sa.String(128, collation="C"), "postgresql"
)  # ordered by its bytes, as in SQLite


def upgrade() -> None:
    _make_users()
    _make_sessions()
    _make_invites()


def downgrade() -> None:
    for table in ("invite_uses", "invites", "sessions", "users"):
        op.drop_table(table)


def _make_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("username", sa.String(32), nullable=False),
        sa.Column("username_key", BINARY, nullable=False),
        sa.Column("display_name", sa.String(64), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(35), nullable=True),
        sa.Column("avatar_id", ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("suspended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
    )
    owned = sa.text("is_owner")
    op.create_index(
        "uq_users_owner", "users", ["is_owner"], unique=True, sqlite_where=owned, postgresql_where=owned
    )


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("ip", sa.String(45), nullable=False),
        sa.Column("place", sa.String(45), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    op.create_index("ix_sessions_user_id_place", "sessions", ["user_id", "place"])


def _make_invites() -> None:
    op.create_table(
        "invites",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("inviter_id", ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("uses_left", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["inviter_id"], ["users.id"], name="fk_invites_inviter_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", name="pk_invites"),
    )
    op.create_index("ix_invites_inviter_id", "invites", ["inviter_id"])
    op.create_table(
        "invite_uses",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_invite_uses_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["code"], ["invites.code"], name="fk_invite_uses_code_invites", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_invite_uses"),
    )
    op.create_index("ix_invite_uses_code", "invite_uses", ["code"])
