"""The tables of money and of stored bytes."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import BIG_ID, key, micros, moment, owned

WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class AssetRow(SQLModel, table=True):
    """A stored blob that an owner's rows refer to. Written in the transaction that first refers to it."""

    __tablename__ = "assets"
    __table_args__ = (sa.Index("ix_assets_hash", "hash"),)
    owner_id: str = key()
    hash: str = key()
    media_type: str
    size: int = Field(sa_type=sa.BigInteger)
    created_at: datetime = moment()


class AssetAliasRow(SQLModel, table=True):
    """A name under which a book's asset is known outside."""

    __tablename__ = "asset_aliases"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_asset_aliases_asset", "owner_id", "asset"),
        sa.Index("ix_asset_aliases_book", "owner_id", "book_id"),
    )
    owner_id: str = key()
    name: str = key(300)
    book_id: str = Field(max_length=64)
    asset: str = Field(max_length=64)
    made_from: str | None = Field(default=None, max_length=64)
    """The segment that a page's sound was encoded from."""


class PublicationRow(SQLModel, table=True):
    """An alias that may be delivered from elsewhere, from before its upload until after its removal there. It
    outlives the alias, so that nothing stays published that nobody knows of."""

    __tablename__ = "publications"
    __table_args__ = (
        sa.Index(
            "ix_publications_due",
            "claimed_until",
            sqlite_where=sa.text("NOT settled"),
            postgresql_where=sa.text("NOT settled"),
        ),
    )
    owner_id: str = key()
    name: str = key(300)
    published: str | None = Field(default=None, max_length=64)
    """The asset that is there for certain."""
    version: str | None
    """Part of its address there."""
    settled: bool
    """Whether what is there is what the alias says, or was refused for good."""
    reason: str | None
    """Why it was."""
    claimed_until: datetime = moment()
    """Until then somebody is at work on it, or it is to be left alone."""


class ProviderCallRow(SQLModel, table=True):
    """One row for each call an owner ever asked for; `state` and `cost_micros` are those of its newest attempt."""

    __tablename__ = "provider_calls"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "key"),
        sa.UniqueConstraint("owner_id", "id"),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_provider_calls_asset", "owner_id", "asset"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    owner_id: str = Field(max_length=64)
    key: str = Field(max_length=64)
    provider: str
    model: str
    operation: str
    take: int
    state: str
    attempts: int
    """The newest attempt's fence."""
    asset: str | None = Field(max_length=64)
    facts: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    cost_micros: int = micros()
    created_at: datetime = moment()


class ProviderAttemptRow(SQLModel, table=True):
    """One attempt at a call: who made it for what, what it may cost and did cost, and how it ended."""

    __tablename__ = "provider_attempts"
    __table_args__ = (
        owned("call_id", table="provider_calls", remote=("id",)),
        sa.Index("ix_provider_attempts_job", "owner_id", "job_id"),
        sa.Index(
            "ix_provider_attempts_open",
            "deadline",
            sqlite_where=sa.text("state IN ('reserved', 'sent')"),
            postgresql_where=sa.text("state IN ('reserved', 'sent')"),
        ),
        sa.Index(
            "ix_provider_attempts_ambiguous",
            "reserved_at",
            sqlite_where=sa.text("state = 'ambiguous'"),
            postgresql_where=sa.text("state = 'ambiguous'"),
        ),
        sa.Index(
            "ix_provider_attempts_token",
            "token",
            sqlite_where=sa.text("token IS NOT NULL"),
            postgresql_where=sa.text("token IS NOT NULL"),
        ),
        sa.Index(
            "ix_provider_attempts_charged",
            "reserved_at",
            sqlite_where=sa.text("max_micros > 0"),
            postgresql_where=sa.text("max_micros > 0"),
        ),
        WITHOUT_ROWID,
    )
    owner_id: str = key()
    call_id: int = Field(primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False})
    fence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str
    book_id: str = Field(max_length=64)
    job_id: str = Field(max_length=64)
    unit: str
    month: str = Field(max_length=7)
    """The month whose budget it is charged to."""
    holder: str
    holder_attempt: int = Field(sa_type=sa.BigInteger)
    max_micros: int = micros()
    actual_micros: int | None = micros(null=True)
    deadline: datetime = moment()
    """When somebody else may take the call over."""
    reserved_at: datetime = moment()
    sent_at: datetime | None = moment(null=True)
    answered_at: datetime | None = moment(null=True)
    asset: str | None = Field(max_length=64)
    external_id: str | None
    reason: str | None
    token: str | None = Field(default=None, max_length=64)
    """Under which a job was created at the provider; nobody else knows it. An attempt that goes on with an earlier
    one's job has the same."""
    woken_at: datetime | None = moment(null=True)
    """When the provider first reported on the job while this attempt was under way."""


class UsageRow(SQLModel, table=True):
    """A unit that a call serves. `reused` says that it had been bought before, by another unit or job."""

    __tablename__ = "usages"
    __table_args__ = (
        owned("call_id", table="provider_calls", remote=("id",)),
        sa.Index("ix_usages_job", "owner_id", "job_id"),
        WITHOUT_ROWID,
    )
    owner_id: str = key()
    call_id: int = Field(primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False})
    book_id: str = key()
    unit: str = key(300)
    job_id: str = key()
    reused: bool


class BudgetRow(SQLModel, table=True):
    """A limit and what is committed against it: scope `job` with a job's id, or `month` with `YYYY-MM`."""

    __tablename__ = "budgets"
    __table_args__ = (sa.Index("ix_budgets_scope", "scope", "ref"), WITHOUT_ROWID)
    owner_id: str = key()
    scope: str = key(16)
    ref: str = key()
    cap_micros: int | None = micros(null=True)
    committed_micros: int = micros()


_TABLES = SQLModel.metadata.tables
assets = _TABLES["assets"]
asset_aliases = _TABLES["asset_aliases"]
publications = _TABLES["publications"]
provider_calls = _TABLES["provider_calls"]
provider_attempts = _TABLES["provider_attempts"]
usages = _TABLES["usages"]
budgets = _TABLES["budgets"]

MONEY_TABLES = ("assets", "asset_aliases", "publications", "provider_calls", "provider_attempts", "usages", "budgets")
