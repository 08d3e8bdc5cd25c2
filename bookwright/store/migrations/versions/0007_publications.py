"""What is delivered from elsewhere: which aliases, and what they were made from"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("asset_aliases", sa.Column("made_from", sa.String(64), nullable=True))
    op.create_table(
        "publications",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("published", sa.String(64), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "name", name=op.f("pk_publications")),
    )
    op.create_index(
        "ix_publications_due",
        "publications",
        ["claimed_until"],
        unique=False,
        sqlite_where=sa.text("NOT settled"),
        postgresql_where=sa.text("NOT settled"),
    )
    if op.get_bind().dialect.name == "postgresql":
        guard("publications")


def downgrade() -> None:
    op.drop_table("publications")
    op.drop_column("asset_aliases", "made_from")
