"""The tables of outgoing webhooks, of what is delivered, and of alerts."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import moment, owned

_WAITING = sa.text("NOT dispatched")
_OPEN = sa.text("acknowledged_at IS NULL")


class WebhookRow(SQLModel, table=True):
    """An address that a user wants to be told at of events of their jobs."""

    __tablename__ = "webhooks"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"]),
        sa.Index("ix_webhooks_owner", "owner_id", "number"),
        sa.Index("ix_webhooks_disabled", "disabled_at"),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(max_length=64)
    owner_id: str = Field(max_length=64)
    url: str = Field(max_length=2048)
    description: str | None = Field(default=None, max_length=200)
    events: list[str] = Field(sa_type=sa.JSON)
    secret: str = Field(max_length=128)
    """It signs, so it can't be kept as a hash."""
    former_secret: str | None = Field(default=None, max_length=128)
    former_until: datetime | None = moment(null=True)
    """Until then the secret before this one signs too."""
    disabled_at: datetime | None = moment(null=True)
    disabled_reason: str | None = Field(default=None, max_length=200)
    failing_since: datetime | None = moment(null=True)
    """The first attempt that failed since one did not."""
    created_at: datetime = moment()


class AlertRow(SQLModel, table=True):
    """Something that an operator should see; one for each cause and hour. It belongs to no owner."""

    __tablename__ = "alerts"
    __table_args__ = (
        sa.UniqueConstraint("kind", "cause", "hour"),
        sa.Index("ix_alerts_open", "number", sqlite_where=_OPEN, postgresql_where=_OPEN),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=32)
    cause: str = Field(max_length=100)
    hour: datetime = moment()
    message: str = Field(max_length=500)
    count: int
    user_id: str | None = Field(default=None, max_length=64)
    first_at: datetime = moment()
    last_at: datetime = moment()
    acknowledged_at: datetime | None = moment(null=True)
    acknowledged_by: str | None = Field(default=None, max_length=64)


class DeliveryRow(SQLModel, table=True):
    """One message to one webhook, or one alert to one of the operator's outlets (then it has no owner). One that is not
    `dispatched` waits in the outbox for its workflow to be started."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        owned("webhook_id", table="webhooks", remote=("id",), cascade=True),
        owned("job_id", table="jobs", remote=("id",), cascade=True),
        sa.ForeignKeyConstraint(["alert"], ["alerts.number"], ondelete="CASCADE"),
        sa.Index("ix_deliveries_outbox", "number", sqlite_where=_WAITING, postgresql_where=_WAITING),
        sa.Index("ix_deliveries_webhook", "owner_id", "webhook_id", "number"),
        sa.Index("ix_deliveries_job", "owner_id", "job_id"),
        sa.Index("ix_deliveries_alert", "alert"),
        sa.Index("ix_deliveries_created", "created_at"),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(max_length=64)
    owner_id: str = Field(max_length=64)
    outlet: str = Field(max_length=16)
    webhook_id: str | None = Field(default=None, max_length=64)
    job_id: str | None = Field(default=None, max_length=64)
    alert: int | None
    event: str = Field(max_length=64)
    body: str
    turn: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Counts how often it was begun: once, and once more for each replay."""
    dispatched: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    state: str = Field(max_length=16)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    status: int | None
    """Of the last answer."""
    error: str | None = Field(default=None, max_length=200)
    answer_ms: int | None
    attempted_at: datetime | None = moment(null=True)
    created_at: datetime = moment()


_TABLES = SQLModel.metadata.tables
webhooks = _TABLES["webhooks"]
alerts = _TABLES["alerts"]
deliveries = _TABLES["deliveries"]

WEBHOOK_TABLES = ("webhooks", "deliveries")
"""Tenant tables of this module."""
ALERT_TABLES = ("alerts",)
"""Its table that belongs to nobody."""
