"""The tables of what is done to many jobs at once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import key, moment, owned


class BulkActionRow(SQLModel, table=True):
    """Something that an operator (`owner_id`) wants done to all jobs that matched."""

    __tablename__ = "bulk_actions"
    __table_args__ = (sa.Index("ix_bulk_actions_asked", "asked_at"),)
    owner_id: str = key()
    id: str = key()
    action: str = Field(max_length=16)
    wanted: dict[str, Any] = Field(sa_type=sa.JSON)
    """The `JobFilter`."""
    jobs: int
    asked_at: datetime = moment()


class BulkJobRow(SQLModel, table=True):
    """One of its jobs, until it was done or refused, and after."""

    __tablename__ = "bulk_jobs"
    __table_args__ = (
        owned("job_id", table="jobs", remote=("id",), cascade=True),
        sa.Index("ix_bulk_jobs_bulk", "bulk_id", "state"),
        sa.Index(
            "ix_bulk_jobs_open",
            "claimed_until",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )
    owner_id: str = key()
    """Of the job."""
    job_id: str = key()
    bulk_id: str = key()
    state: str = Field(max_length=16)
    reason: str | None
    """Why it was refused."""
    claimed_until: datetime = moment()
    """Until then a worker is at it."""


_TABLES = SQLModel.metadata.tables
bulk_actions = _TABLES["bulk_actions"]
bulk_jobs = _TABLES["bulk_jobs"]

BULK_TABLES = ("bulk_actions", "bulk_jobs")
"""Tenant tables of this module."""
