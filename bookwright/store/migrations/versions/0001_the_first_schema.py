"""The first schema"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import create_roles, guard

TENANT_TABLES = (
    "users",
    "books",
    "jobs",
    "stages",
    "events",
    "chapters",
    "pages",
    "page_versions",
    "page_tracks",
    "files",
    "renditions",
    "assets",
    "asset_aliases",
    "provider_calls",
    "provider_attempts",
    "usages",
    "budgets",
)
SEQUENCES = {
    "books": "books_number_seq",
    "jobs": "jobs_number_seq",
    "provider_calls": "provider_calls_id_seq",
}

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assets",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "hash", name=op.f("pk_assets")),
    )
    op.create_index("ix_assets_hash", "assets", ["hash"], unique=False)

    op.create_table(
        "budgets",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("cap_micros", sa.BigInteger(), nullable=True),
        sa.Column("committed_micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "scope", "ref", name=op.f("pk_budgets")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "users",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_users")),
    )
    op.create_table(
        "books",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("voice", sa.String(), nullable=True),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("chapters", sa.Integer(), server_default="0", nullable=False),
        sa.Column("words", sa.Integer(), server_default="0", nullable=False),
        sa.Column("source_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"], name=op.f("fk_books_owner_id_users")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_books")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_books_owner_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"],
            ["assets.owner_id", "assets.hash"],
            name=op.f("fk_provider_calls_owner_id_asset_assets"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_calls")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_provider_calls_owner_id_id")),
        sa.UniqueConstraint("owner_id", "key", name=op.f("uq_provider_calls_owner_id_key")),
    )
    op.create_index("ix_provider_calls_asset", "provider_calls", ["owner_id", "asset"], unique=False)

    op.create_table(
        "asset_aliases",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("asset", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"],
            ["assets.owner_id", "assets.hash"],
            name=op.f("fk_asset_aliases_owner_id_asset_assets"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_asset_aliases_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "name", name=op.f("pk_asset_aliases")),
    )
    op.create_index("ix_asset_aliases_asset", "asset_aliases", ["owner_id", "asset"], unique=False)
    op.create_index("ix_asset_aliases_book", "asset_aliases", ["owner_id", "book_id"], unique=False)

    op.create_table(
        "chapters",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_chapters_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "number", name=op.f("pk_chapters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "files",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("edition", sa.String(16), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("missing_pages", sa.JSON(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_files_owner_id_asset_assets")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_files_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "edition", "chapter", name=op.f("pk_files")),
    )
    op.create_index("ix_files_asset", "files", ["owner_id", "asset"], unique=False)

    op.create_table(
        "renditions",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("recipe", sa.String(64), nullable=False),
        sa.Column("asset", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_renditions_owner_id_asset_assets")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_renditions_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "recipe", name=op.f("pk_renditions")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_renditions_asset", "renditions", ["owner_id", "asset"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("ordered", sa.JSON(), nullable=False),
        sa.Column("event_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_reason", sa.String(), nullable=True),
        sa.Column("warning", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_jobs_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_jobs")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_jobs_owner_id_id")),
        sa.UniqueConstraint("owner_id", "idempotency_key", name=op.f("uq_jobs_owner_id_idempotency_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_admission", "jobs", ["state", "priority", "number"], unique=False)
    op.create_index("ix_jobs_book", "jobs", ["owner_id", "book_id", "generation"], unique=False)
    op.create_index("ix_jobs_fingerprint", "jobs", ["owner_id", "fingerprint", "number"], unique=False)

    op.create_table(
        "page_versions",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_page_versions_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "number", "version", name=op.f("pk_page_versions")),
    )
    op.create_table(
        "pages",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["books.owner_id", "books.id"],
            name=op.f("fk_pages_owner_id_book_id_books"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "number", name=op.f("pk_pages")),
    )
    op.create_table(
        "provider_attempts",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("fence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("holder_attempt", sa.BigInteger(), nullable=False),
        sa.Column("max_micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("actual_micros", sa.BigInteger(), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asset", sa.String(64), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "call_id"],
            ["provider_calls.owner_id", "provider_calls.id"],
            name=op.f("fk_provider_attempts_owner_id_call_id_provider_calls"),
        ),
        sa.PrimaryKeyConstraint("owner_id", "call_id", "fence", name=op.f("pk_provider_attempts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_provider_attempts_job", "provider_attempts", ["owner_id", "job_id"], unique=False)
    op.create_index(
        "ix_provider_attempts_open",
        "provider_attempts",
        ["deadline"],
        unique=False,
        sqlite_where=sa.text("state IN ('reserved', 'sent')"),
        postgresql_where=sa.text("state IN ('reserved', 'sent')"),
    )

    op.create_table(
        "usages",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(300), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "call_id"],
            ["provider_calls.owner_id", "provider_calls.id"],
            name=op.f("fk_usages_owner_id_call_id_provider_calls"),
        ),
        sa.PrimaryKeyConstraint("owner_id", "call_id", "book_id", "unit", "job_id", name=op.f("pk_usages")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_usages_job", "usages", ["owner_id", "job_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"],
            ["jobs.owner_id", "jobs.id"],
            name=op.f("fk_events_owner_id_job_id_jobs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "job_id", "seq", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "page_tracks",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("track", sa.String(32), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_page_tracks_owner_id_asset_assets")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id", "page"],
            ["pages.owner_id", "pages.book_id", "pages.number"],
            name=op.f("fk_page_tracks_owner_id_book_id_page_pages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "track", "page", name=op.f("pk_page_tracks")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_page_tracks_asset", "page_tracks", ["owner_id", "asset"], unique=False)

    op.create_table(
        "stages",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"],
            ["jobs.owner_id", "jobs.id"],
            name=op.f("fk_stages_owner_id_job_id_jobs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "job_id", "name", name=op.f("pk_stages")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        create_roles()
        for table in TENANT_TABLES:
            guard(table, sequence=SEQUENCES.get(table))


def downgrade() -> None:
    raise NotImplementedError("the first schema is where everything begins: drop the database instead")
