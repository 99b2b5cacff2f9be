"""Who may see whether a person is here."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("presence", sa.String(16), server_default="everyone", nullable=False))


def downgrade() -> None:
    op.drop_column("users", "presence")
