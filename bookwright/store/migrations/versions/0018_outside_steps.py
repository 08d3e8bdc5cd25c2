"""Steps of audiobooks that are left to outside workers"""

import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import guard

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_steps",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("job_type", sa.String(16), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("task", sa.JSON(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("temporal_token", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["audiobooks.owner_id", "audiobooks.book_id"],
            name=op.f("fk_outside_steps_owner_id_book_id_audiobooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", "job_type", "chapter", name=op.f("pk_outside_steps")),
    )
    op.create_index(
        "ix_outside_steps_offered", "outside_steps", ["owner_id", "job_type", "state", "offered_at"], unique=False
    )
    if op.get_context().dialect.name == "postgresql":
        guard("outside_steps")


def downgrade() -> None:
    op.drop_table("outside_steps")
