"""Steering over HTTP: wishes, first answers, versions with their sound, lists of jobs"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JOB_INDEXES = {
    "ix_jobs_owner": ["owner_id", "number"],
    "ix_jobs_state": ["state", "number"],
    "ix_jobs_kind": ["kind", "state"],
    "ix_jobs_created": ["created_at"],
    "ix_jobs_closed": ["closed_at"],
    "ix_jobs_id": ["id"],
}


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("argument", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"],
            ["jobs.owner_id", "jobs.id"],
            name=op.f("fk_wishes_owner_id_job_id_jobs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "job_id", "name", name=op.f("pk_wishes")),
    )
    op.create_index(
        "ix_wishes_open",
        "wishes",
        ["asked_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "first_answers",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"], name=op.f("fk_first_answers_owner_id_users")),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("pk_first_answers")),
    )
    op.create_index("ix_first_answers_expiry", "first_answers", ["owner_id", "expires_at"], unique=False)
    for name, columns in JOB_INDEXES.items():
        op.create_index(name, "jobs", columns, unique=False)
    op.create_index("ix_books_id", "books", ["id"], unique=False)
    op.create_index("ix_budgets_scope", "budgets", ["scope", "ref"], unique=False)
    op.create_index(
        "ix_provider_attempts_charged",
        "provider_attempts",
        ["reserved_at"],
        unique=False,
        sqlite_where=sa.text("max_micros > 0"),
        postgresql_where=sa.text("max_micros > 0"),
    )
    with op.batch_alter_table("page_versions") as versions:
        versions.add_column(sa.Column("trouble", sa.String(), nullable=True))
        versions.add_column(sa.Column("asset", sa.String(64), nullable=True))
        versions.add_column(sa.Column("duration_ms", sa.Integer(), server_default="0", nullable=False))
        versions.add_column(sa.Column("take", sa.Integer(), server_default="0", nullable=False))
        versions.create_foreign_key(
            op.f("fk_page_versions_owner_id_asset_assets"), "assets", ["owner_id", "asset"], ["owner_id", "hash"]
        )
        versions.create_index("ix_page_versions_asset", ["owner_id", "asset"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        guard("wishes")
        guard("first_answers")


def downgrade() -> None:
    with op.batch_alter_table("page_versions") as versions:
        versions.drop_index("ix_page_versions_asset")
        versions.drop_constraint("fk_page_versions_owner_id_asset_assets", type_="foreignkey")
        for name in ("take", "duration_ms", "asset", "trouble"):
            versions.drop_column(name)
    op.drop_index("ix_provider_attempts_charged", "provider_attempts")
    op.drop_index("ix_budgets_scope", "budgets")
    op.drop_index("ix_books_id", "books")
    for name in JOB_INDEXES:
        op.drop_index(name, "jobs")
    op.drop_table("first_answers")
    op.drop_table("wishes")
