"""The tables of batches, their items, and schedules."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import key, moment, owned


class BatchRow(SQLModel, table=True):
    """Many orders, worked off a few at a time by one workflow execution."""

    __tablename__ = "batches"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"]),
        sa.Index("ix_batches_state", "state", "number"),
        sa.Index("ix_batches_owner", "owner_id", "number"),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(max_length=64)
    owner_id: str = Field(max_length=64)
    name: str
    workflow_id: str
    state: str
    at_once: int
    schedule_id: str | None = Field(default=None, max_length=64)
    """The schedule that made it, if any."""
    created_at: datetime = moment()
    closed_at: datetime | None = moment(null=True)


class BatchItemRow(SQLModel, table=True):
    """One of a batch's orders, and the job that works it off."""

    __tablename__ = "batch_items"
    __table_args__ = (
        owned("batch_id", table="batches", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_batch_items_asset", "owner_id", "asset"),
        sa.Index("ix_batch_items_job", "owner_id", "job_id"),
    )
    owner_id: str = key()
    batch_id: str = key()
    item: int = Field(primary_key=True)
    wanted: dict[str, Any] = Field(sa_type=sa.JSON)
    asset: str | None = Field(default=None, max_length=64)
    """The text that an order for a new book is made from."""
    job_id: str | None = Field(default=None, max_length=64)
    error: str | None
    """Why it was refused, if so."""


class ScheduleRow(SQLModel, table=True):
    """Items of which a batch is made again and again, or once, by a Temporal Schedule."""

    __tablename__ = "schedules"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"]),
        sa.Index("ix_schedules_owner", "owner_id", "number"),
        sa.Index(
            "ix_schedules_due",
            "number",
            sqlite_where=sa.text("NOT settled"),
            postgresql_where=sa.text("NOT settled"),
        ),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(max_length=64)
    owner_id: str = Field(max_length=64)
    name: str
    timing: dict[str, Any] = Field(sa_type=sa.JSON)
    items: list[dict[str, Any]] = Field(sa_type=sa.JSON)
    at_once: int
    settled: bool
    """Whether Temporal has it as it is here."""
    removed: bool
    """It is to be taken out of Temporal, and then out of here."""
    created_at: datetime = moment()


TABLES = SQLModel.metadata.tables
batches = TABLES["batches"]
batch_items = TABLES["batch_items"]
schedules = TABLES["schedules"]

BATCH_TABLES = ("batches", "batch_items", "schedules")
"""Tenant tables of this module."""
