"""Uploads, and the audiobooks that are made from them"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audiobooks",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_audiobooks_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", name=op.f("pk_audiobooks")),
    )
    op.create_table(
        "uploads",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("upload_type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("total_files", sa.Integer(), nullable=False),
        sa.Column("total_bytes", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("book_id", sa.String(64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_uploads_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"], name=op.f("fk_uploads_owner_id_users")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_uploads")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_uploads_owner_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_uploads_book", "uploads", ["owner_id", "book_id"], unique=False)
    op.create_index(
        "ix_uploads_expiry",
        "uploads",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("book_id IS NULL"),
        postgresql_where=sa.text("book_id IS NULL"),
    )
    op.create_index("ix_uploads_owner", "uploads", ["owner_id", "number"], unique=False)
    op.create_table(
        "ai_outputs",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("free_tags", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("stand_in", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["audiobooks.owner_id", "audiobooks.book_id"],
            name=op.f("fk_ai_outputs_owner_id_book_id_audiobooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "kind", "chapter", name=op.f("pk_ai_outputs")),
    )
    op.create_table(
        "passages",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("begin_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["audiobooks.owner_id", "audiobooks.book_id"],
            name=op.f("fk_passages_owner_id_book_id_audiobooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "number", name=op.f("pk_passages")),
    )
    op.create_index("ix_passages_chapter", "passages", ["owner_id", "book_id", "chapter"], unique=False)
    op.create_table(
        "processing_jobs",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("job_type", sa.String(16), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["audiobooks.owner_id", "audiobooks.book_id"],
            name=op.f("fk_processing_jobs_owner_id_book_id_audiobooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "job_type", name=op.f("pk_processing_jobs")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_processing_jobs_owner_id_id")),
    )
    op.create_table(
        "recordings",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("sample_rate", sa.Integer(), nullable=False),
        sa.Column("loudness_lufs", sa.Float(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_recordings_owner_id_asset_assets")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["audiobooks.owner_id", "audiobooks.book_id"],
            name=op.f("fk_recordings_owner_id_book_id_audiobooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "number", name=op.f("pk_recordings")),
    )
    op.create_index("ix_recordings_asset", "recordings", ["owner_id", "asset"], unique=False)
    op.create_table(
        "transcripts",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("recording", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("begin_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=True),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("stand_in", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_transcripts_owner_id_asset_assets")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["audiobooks.owner_id", "audiobooks.book_id"],
            name=op.f("fk_transcripts_owner_id_book_id_audiobooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "chapter", name=op.f("pk_transcripts")),
    )
    op.create_index("ix_transcripts_asset", "transcripts", ["owner_id", "asset"], unique=False)
    op.create_table(
        "upload_files",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("upload_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=True),
        sa.Column("resumable", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"],
            ["assets.owner_id", "assets.hash"],
            name=op.f("fk_upload_files_owner_id_asset_assets"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "upload_id"],
            ["uploads.owner_id", "uploads.id"],
            name=op.f("fk_upload_files_owner_id_upload_id_uploads"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "upload_id", "position", name=op.f("pk_upload_files")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_upload_files_owner_id_id")),
    )
    op.create_index("ix_upload_files_asset", "upload_files", ["owner_id", "asset"], unique=False)

    if op.get_context().dialect.name == "postgresql":
        guard("uploads", sequence="uploads_number_seq")
        for table in _TABLES[1:]:
            guard(table)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


_TABLES = (
    "uploads",
    "upload_files",
    "audiobooks",
    "recordings",
    "transcripts",
    "processing_jobs",
    "ai_outputs",
    "passages",
)
"""Each is referred to by none before it."""
