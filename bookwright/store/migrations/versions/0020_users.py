"""Users have a role and limits, keys say when they were used, the audit log says from where and only grows"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import APP, SERVICE

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("role", sa.String(16), server_default="user", nullable=False))
    op.add_column("users", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("jobs_at_once", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("requests_per_minute", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("month_micros", sa.BigInteger(), nullable=True))
    op.add_column("keys", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sessions", sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sessions", sa.Column("address", sa.String(64), nullable=True))
    op.add_column("sessions", sa.Column("agent", sa.String(200), nullable=True))
    op.add_column("audit", sa.Column("key_id", sa.String(16), nullable=True))
    op.add_column("audit", sa.Column("address", sa.String(64), nullable=True))
    op.add_column("audit", sa.Column("outcome", sa.String(16), server_default="ok", nullable=False))
    postgres = op.get_context().dialect.name == "postgresql"
    if postgres:
        op.execute(f"SET LOCAL ROLE {SERVICE}")  # the login itself sees no rows
    op.execute("UPDATE users SET role = 'admin' WHERE owner_id IN (SELECT owner_id FROM keys WHERE role = 'admin')")
    if postgres:
        op.execute("RESET ROLE")
        op.execute(f"REVOKE UPDATE, DELETE ON audit FROM {APP}, {SERVICE}")
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{event.lower()} BEFORE {event} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"GRANT UPDATE, DELETE ON audit TO {APP}, {SERVICE}")
    else:
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    for table, columns in {
        "audit": ("outcome", "address", "key_id"),
        "sessions": ("agent", "address", "created_at"),
        "keys": ("last_used_at",),
        "users": ("month_micros", "requests_per_minute", "jobs_at_once", "disabled_at", "role"),
    }.items():
        for column in columns:
            op.drop_column(table, column)
