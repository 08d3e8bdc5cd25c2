"""Versions of pages' pictures and sounds; what is to be made anew when a job has ended"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("track_versions", "redos")


def upgrade() -> None:
    op.create_table(
        "track_versions",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("track", sa.String(32), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("stand_in", sa.Boolean(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_track_versions_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"],
            ["assets.owner_id", "assets.hash"],
            name=op.f("fk_track_versions_owner_id_asset_assets"),
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "track", "page", "version", name=op.f("pk_track_versions")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_track_versions_asset", "track_versions", ["owner_id", "asset"], unique=False)
    op.create_table(
        "redos",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("track", sa.String(32), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id", "page"],
            ["pages.owner_id", "pages.book_id", "pages.number"],
            name=op.f("fk_redos_owner_id_book_id_page_pages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "track", "page", name=op.f("pk_redos")),
        sqlite_with_rowid=False,
    )
    op.add_column("page_tracks", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    if op.get_context().dialect.name == "postgresql":
        for table in TABLES:
            guard(table)


def downgrade() -> None:
    op.drop_column("page_tracks", "version")
    for table in reversed(TABLES):
        op.drop_table(table)
