"""Limits shared by all workers; a page's track says who made it, and whether as a stand-in"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard_service

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_limits",
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_limits")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "provider_shares",
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "holder", name=op.f("pk_provider_shares")),
        sqlite_with_rowid=False,
    )
    for table in ("page_tracks", "page_versions"):
        op.add_column(table, sa.Column("made_by", sa.String(), nullable=True))
        op.add_column(table, sa.Column("stand_in", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_context().dialect.name == "postgresql":
        for table in ("provider_limits", "provider_shares"):
            guard_service(table)


def downgrade() -> None:
    for table in ("page_tracks", "page_versions"):
        op.drop_column(table, "stand_in")
        op.drop_column(table, "made_by")
    op.drop_table("provider_shares")
    op.drop_table("provider_limits")
