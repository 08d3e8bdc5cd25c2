"""What is done to many jobs at once, and indexes of what operators look at"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_actions",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_bulk_actions")),
    )
    op.create_index("ix_bulk_actions_asked", "bulk_actions", ["asked_at"], unique=False)
    op.create_table(
        "bulk_jobs",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("bulk_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"],
            ["jobs.owner_id", "jobs.id"],
            name=op.f("fk_bulk_jobs_owner_id_job_id_jobs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "job_id", "bulk_id", name=op.f("pk_bulk_jobs")),
    )
    op.create_index("ix_bulk_jobs_bulk", "bulk_jobs", ["bulk_id", "state"], unique=False)
    still_open = sa.text("state = 'open'")
    op.create_index(
        "ix_bulk_jobs_open", "bulk_jobs", ["claimed_until"], sqlite_where=still_open, postgresql_where=still_open
    )
    failed = sa.text("state = 'failed'")
    op.create_index(
        "ix_processing_jobs_failed",
        "processing_jobs",
        ["completed_at", "id"],
        sqlite_where=failed,
        postgresql_where=failed,
    )
    op.drop_index("ix_jobs_closed", "jobs")
    op.create_index("ix_jobs_closed", "jobs", ["closed_at", "state", "started_at"], unique=False)
    if op.get_context().dialect.name == "postgresql":
        guard("bulk_actions")
        guard("bulk_jobs")


def downgrade() -> None:
    op.drop_index("ix_jobs_closed", "jobs")
    op.create_index("ix_jobs_closed", "jobs", ["closed_at"], unique=False)
    op.drop_index("ix_processing_jobs_failed", "processing_jobs")
    op.drop_table("bulk_jobs")
    op.drop_table("bulk_actions")
