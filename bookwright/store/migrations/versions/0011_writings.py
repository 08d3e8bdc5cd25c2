"""What was written of stories"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "writings",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("part", sa.String(64), nullable=False),
        sa.Column("asset", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_writings_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_writings_owner_id_asset_assets")
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "part", name=op.f("pk_writings")),
    )
    if op.get_context().dialect.name == "postgresql":
        guard("writings")


def downgrade() -> None:
    op.drop_table("writings")
