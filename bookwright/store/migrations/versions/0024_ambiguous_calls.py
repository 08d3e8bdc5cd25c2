"""An index of calls whose outcome nobody knows"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ambiguous = sa.text("state = 'ambiguous'")
    op.create_index(
        "ix_provider_attempts_ambiguous",
        "provider_attempts",
        ["reserved_at"],
        sqlite_where=ambiguous,
        postgresql_where=ambiguous,
    )


def downgrade() -> None:
    op.drop_index("ix_provider_attempts_ambiguous", "provider_attempts")
