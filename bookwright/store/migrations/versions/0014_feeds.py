"""Feeds: addresses that podcast players open"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_feeds_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "key_id"],
            ["keys.owner_id", "keys.id"],
            name=op.f("fk_feeds_owner_id_key_id_keys"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.create_index("ix_feeds_book", "feeds", ["owner_id", "book_id"], unique=False)
    op.create_index("ix_feeds_key", "feeds", ["owner_id", "key_id"], unique=False)
    if op.get_context().dialect.name == "postgresql":
        guard("feeds")


def downgrade() -> None:
    op.drop_table("feeds")
