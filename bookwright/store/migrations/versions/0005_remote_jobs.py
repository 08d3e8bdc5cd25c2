"""Attempts know the token of the job that they created at a provider, and when the provider reported on it"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provider_attempts", sa.Column("token", sa.String(64), nullable=True))
    op.add_column("provider_attempts", sa.Column("woken_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_provider_attempts_token",
        "provider_attempts",
        ["token"],
        unique=False,
        sqlite_where=sa.text("token IS NOT NULL"),
        postgresql_where=sa.text("token IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_provider_attempts_token", "provider_attempts")
    op.drop_column("provider_attempts", "woken_at")
    op.drop_column("provider_attempts", "token")
