"""The tables of access: keys, sessions, feeds, shares, and who changed them. `tables` has the users."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import BIG_ID, key, moment, owned


class KeyRow(SQLModel, table=True):
    """A key. It is found by its public `id`; of the key itself only the SHA-256 is kept."""

    __tablename__ = "keys"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"]),
        sa.Index("ix_keys_newest", "owner_id", "created_at"),
    )
    id: str = key(16)
    owner_id: str = Field(max_length=64)
    digest: str = Field(max_length=64)
    signing: bytes
    """Signs URLs; random, and no other key's."""
    name: str
    role: str = Field(max_length=16)
    scopes: list[str] = Field(sa_type=sa.JSON)
    created_at: datetime = moment()
    expires_at: datetime | None = moment(null=True)
    revoked_at: datetime | None = moment(null=True)
    last_used_at: datetime | None = moment(null=True)
    """To within a few minutes."""


class SessionRow(SQLModel, table=True):
    """A browser that is signed in with a key, or (`ticket`) a link that signs one in. Of its token only the SHA-256
    is kept."""

    __tablename__ = "sessions"
    __table_args__ = (
        owned("key_id", table="keys", remote=("id",), cascade=True),
        sa.Index("ix_sessions_key", "owner_id", "key_id"),
    )
    digest: str = key(64)
    owner_id: str = Field(max_length=64)
    key_id: str = Field(max_length=16)
    ticket: bool
    expires_at: datetime = moment()
    created_at: datetime | None = moment(null=True)
    """When it was opened; unknown of those from before this was kept."""
    address: str | None = Field(max_length=64)
    """The network that it was opened from."""
    agent: str | None = Field(max_length=200)
    """What the browser calls itself."""


class FeedRow(SQLModel, table=True):
    """An address under which a podcast player finds one book, for as long as the key holds that asked for it. Of its
    token only the SHA-256 is kept."""

    __tablename__ = "feeds"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("key_id", table="keys", remote=("id",), cascade=True),
        sa.Index("ix_feeds_book", "owner_id", "book_id"),
        sa.Index("ix_feeds_key", "owner_id", "key_id"),
    )
    id: str = key(16)
    owner_id: str = Field(max_length=64)
    book_id: str = Field(max_length=64)
    key_id: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    created_at: datetime = moment()
    expires_at: datetime = moment()


class ShareRow(SQLModel, table=True):
    """A link under which somebody without an account reads and hears one book, for as long as the key holds that asked
    for it. Of its token only the SHA-256 is kept."""

    __tablename__ = "shares"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("key_id", table="keys", remote=("id",), cascade=True),
        sa.Index("ix_shares_book", "owner_id", "book_id"),
        sa.Index("ix_shares_key", "owner_id", "key_id"),
    )
    id: str = key(16)
    owner_id: str = Field(max_length=64)
    book_id: str = Field(max_length=64)
    key_id: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    note: str
    """Whom it is for, in the owner's words; nobody else sees it."""
    downloads: bool
    """Whether the book's files can be had by it, too."""
    created_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment(null=True)


class AuditRow(SQLModel, table=True):
    """Something that was done, or tried: to whose things (`owner_id`), by whom (a user's id, or the command line).
    It is only ever added to: the database refuses all else."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_owner", "owner_id", "number"), {"sqlite_autoincrement": True})
    number: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    owner_id: str = Field(max_length=64)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=32)
    subject: str = Field(max_length=64)
    """The id of what it was done to: a user, a key, a book, a job."""
    facts: dict[str, Any] = Field(sa_type=sa.JSON)
    key_id: str | None = Field(default=None, max_length=16)
    """The key behind the request; none on the command line."""
    address: str | None = Field(default=None, max_length=64)
    """The network that the request came from, without the part that tells its machines apart."""
    outcome: str = Field(default="ok", max_length=16, sa_column_kwargs={"server_default": "ok"})
    at: datetime = moment()


_TABLES = SQLModel.metadata.tables
keys = _TABLES["keys"]
sessions = _TABLES["sessions"]
feeds = _TABLES["feeds"]
shares = _TABLES["shares"]
audit = _TABLES["audit"]

ACCESS_TABLES = ("keys", "sessions", "feeds", "shares", "audit")
