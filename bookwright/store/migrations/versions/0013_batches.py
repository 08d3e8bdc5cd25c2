"""Batches of orders, and the schedules that make them"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.String(64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"], name=op.f("fk_batches_owner_id_users")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_batches")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_batches_owner_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batches_state", "batches", ["state", "number"], unique=False)
    op.create_index("ix_batches_owner", "batches", ["owner_id", "number"], unique=False)
    op.create_table(
        "batch_items",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("batch_id", sa.String(64), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("asset", sa.String(64), nullable=True),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "batch_id"],
            ["batches.owner_id", "batches.id"],
            name=op.f("fk_batch_items_owner_id_batch_id_batches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "asset"], ["assets.owner_id", "assets.hash"], name=op.f("fk_batch_items_owner_id_asset_assets")
        ),
        sa.PrimaryKeyConstraint("owner_id", "batch_id", "item", name=op.f("pk_batch_items")),
    )
    op.create_index("ix_batch_items_asset", "batch_items", ["owner_id", "asset"], unique=False)
    op.create_index("ix_batch_items_job", "batch_items", ["owner_id", "job_id"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timing", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"], name=op.f("fk_schedules_owner_id_users")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_schedules")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_schedules_owner_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_schedules_owner", "schedules", ["owner_id", "number"], unique=False)
    op.create_index(
        "ix_schedules_due",
        "schedules",
        ["number"],
        unique=False,
        sqlite_where=sa.text("NOT settled"),
        postgresql_where=sa.text("NOT settled"),
    )
    if op.get_context().dialect.name == "postgresql":
        guard("batches", sequence="batches_number_seq")
        guard("batch_items")
        guard("schedules", sequence="schedules_number_seq")


def downgrade() -> None:
    for table in ("schedules", "batch_items", "batches"):
        op.drop_table(table)
