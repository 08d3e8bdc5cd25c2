"""Pronunciation lexicons of books"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lexicons",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _of_a_book("lexicons"),
        sa.PrimaryKeyConstraint("owner_id", "book_id", name=op.f("pk_lexicons")),
    )
    op.create_table(
        "pronounced",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("segment", sa.String(64), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        _of_a_book("pronounced"),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "segment", name=op.f("pk_pronounced")),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "postgresql":
        guard("lexicons")
        guard("pronounced")


def downgrade() -> None:
    op.drop_table("pronounced")
    op.drop_table("lexicons")


def _of_a_book(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id", "book_id"],
        ["books.owner_id", "books.id"],
        name=op.f(f"fk_{table}_owner_id_book_id_books"),
        ondelete="CASCADE",
    )
