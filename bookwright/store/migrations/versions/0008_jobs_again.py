"""Jobs that failed are worked off once more; jobs that start are counted by the minute; progress never goes back"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("retries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("shown", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_jobs_started", "jobs", ["kind", "started_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_jobs_started", "jobs")
    for name in ("shown", "due_at", "retries"):
        op.drop_column("jobs", name)
