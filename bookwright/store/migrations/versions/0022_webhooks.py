"""Outgoing webhooks, their deliveries, and alerts"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import SERVICE, guard, guard_service

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OPEN, _WAITING = sa.text("acknowledged_at IS NULL"), sa.text("NOT dispatched")


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("description", sa.String(200), nullable=True),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(128), nullable=False),
        sa.Column("former_secret", sa.String(128), nullable=True),
        sa.Column("former_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_reason", sa.String(200), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"], name=op.f("fk_webhooks_owner_id_users")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_webhooks_owner_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhooks_owner", "webhooks", ["owner_id", "number"], unique=False)
    op.create_index("ix_webhooks_disabled", "webhooks", ["disabled_at"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(100), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_alerts")),
        sa.UniqueConstraint("kind", "cause", "hour", name=op.f("uq_alerts_kind_cause_hour")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alerts_open", "alerts", ["number"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "deliveries",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("outlet", sa.String(16), nullable=False),
        sa.Column("webhook_id", sa.String(64), nullable=True),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.Column("alert", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), server_default="1", nullable=False),
        sa.Column("dispatched", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("answer_ms", sa.Integer(), nullable=True),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "webhook_id"],
            ["webhooks.owner_id", "webhooks.id"],
            name=op.f("fk_deliveries_owner_id_webhook_id_webhooks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"],
            ["jobs.owner_id", "jobs.id"],
            name=op.f("fk_deliveries_owner_id_job_id_jobs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alert"], ["alerts.number"], name=op.f("fk_deliveries_alert_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("owner_id", "id", name=op.f("uq_deliveries_owner_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_outbox", "deliveries", ["number"], unique=False, sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_index("ix_deliveries_webhook", "deliveries", ["owner_id", "webhook_id", "number"], unique=False)
    op.create_index("ix_deliveries_job", "deliveries", ["owner_id", "job_id"], unique=False)
    op.create_index("ix_deliveries_alert", "deliveries", ["alert"], unique=False)
    op.create_index("ix_deliveries_created", "deliveries", ["created_at"], unique=False)
    if op.get_context().dialect.name == "postgresql":
        guard("webhooks", sequence="webhooks_number_seq")
        guard("deliveries", sequence="deliveries_number_seq")
        guard_service("alerts")
        op.execute(f"GRANT USAGE ON SEQUENCE alerts_number_seq TO {SERVICE}")


def downgrade() -> None:
    for table in ("deliveries", "alerts", "webhooks"):
        op.drop_table(table)
