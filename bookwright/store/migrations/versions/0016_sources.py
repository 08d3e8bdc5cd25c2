"""Pages know where their text came from"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("pages", "page_versions")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("source", sa.String(64), server_default="text", nullable=False))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "source")
