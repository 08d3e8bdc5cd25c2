"""Scenes, their soundscapes, the pages that belong to them, and the spreads that could not be processed"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("soundscapes", "scenes", "page_scenes", "processing_errors")


def upgrade() -> None:
    op.create_table(
        "soundscapes",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sketch", sa.JSON(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("loop", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("stand_in", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("borrowed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_of_book("soundscapes"),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_soundscapes_owner_id_asset_assets")
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "number", name=op.f("pk_soundscapes")),
    )
    op.create_index("ix_soundscapes_asset", "soundscapes", ["owner_id", "asset"], unique=False)
    op.create_index("ix_soundscapes_made", "soundscapes", ["owner_id", "made_by", "created_at"], unique=False)
    op.create_table(
        "scenes",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.JSON(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("soundscape", sa.Integer(), nullable=True),
        *_of_book("scenes"),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id", "soundscape"],
            ["soundscapes.owner_id", "soundscapes.book_id", "soundscapes.number"],
            name=op.f("fk_scenes_owner_id_book_id_soundscape_soundscapes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "number", name=op.f("pk_scenes")),
    )
    op.create_index("ix_scenes_soundscape", "scenes", ["owner_id", "book_id", "soundscape"], unique=False)
    op.create_table(
        "page_scenes",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("scene", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id", "page"],
            ["pages.owner_id", "pages.book_id", "pages.number"],
            name=op.f("fk_page_scenes_owner_id_book_id_page_pages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id", "scene"],
            ["scenes.owner_id", "scenes.book_id", "scenes.number"],
            name=op.f("fk_page_scenes_owner_id_book_id_scene_scenes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "page", name=op.f("pk_page_scenes")),
    )
    op.create_index("ix_page_scenes_scene", "page_scenes", ["owner_id", "book_id", "scene"], unique=False)
    op.create_table(
        "processing_errors",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("spread", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("trace", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_of_book("processing_errors"),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"],
            ["jobs.owner_id", "jobs.id"],
            name=op.f("fk_processing_errors_owner_id_job_id_jobs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "job_id", "spread", name=op.f("pk_processing_errors")),
    )
    op.create_index("ix_processing_errors_book", "processing_errors", ["owner_id", "book_id"], unique=False)
    if op.get_context().dialect.name == "postgresql":
        for table in TABLES:
            guard(table)


def _of_book(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f(f"fk_{table}_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
