"""The tables of jobs, books and pages. `ledger_tables` has those of money and assets, `access_tables` those of keys.

Every tenant table carries `owner_id`, and its unique keys and foreign keys include it; the generated `number`s are
what people type. On PostgreSQL, row-level security guards each table named in `TENANT_TABLES` or `SERVICE_TABLES`.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.access.tables import ACCESS_TABLES
from bookwright.store.batches.tables import BATCH_TABLES
from bookwright.store.books.tables import TRACK_TABLES
from bookwright.store.bulk.tables import BULK_TABLES
from bookwright.store.database.columns import key, micros, moment, owned
from bookwright.store.ingestion.tables import INGESTION_TABLES
from bookwright.store.ledger.tables import MONEY_TABLES
from bookwright.store.lexicons.tables import LEXICON_TABLES
from bookwright.store.limits.tables import LIMIT_TABLES
from bookwright.store.scenes.tables import SCENE_TABLES
from bookwright.store.search.tables import SEARCH_TABLES
from bookwright.store.stories.tables import STORY_TABLES
from bookwright.store.webhooks.tables import ALERT_TABLES, WEBHOOK_TABLES

WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}
"""One B-tree instead of two for tables with a compound key."""


class UserRow(SQLModel, table=True):
    """Somebody who owns books. A limit that is none is everybody's."""

    __tablename__ = "users"
    owner_id: str = key()
    name: str | None
    role: str = Field(default="user", max_length=16, sa_column_kwargs={"server_default": "user"})
    """The most that their keys may do."""
    disabled_at: datetime | None = moment(null=True)
    """Since when none of their keys and sessions opens anything."""
    jobs_at_once: int | None
    requests_per_minute: int | None
    month_micros: int | None = micros(null=True)
    """What their calls may cost in a month that has no budget of its own."""
    created_at: datetime = moment()


class BookRow(SQLModel, table=True):
    """A book, with what is known of it; its text is in `pages`."""

    __tablename__ = "books"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"]),
        sa.Index("ix_books_id", "id"),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(max_length=64)
    owner_id: str = Field(max_length=64)
    title: str | None
    author: str | None
    language: str | None
    voice: str | None
    style: str | None = Field(max_length=32)
    """Of its pictures; none before any were ordered."""
    pages: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    chapters: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    words: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    source_at: datetime | None = moment(null=True)
    """When its source text was saved."""
    created_at: datetime = moment()


class JobTable(SQLModel, table=True):
    """One workflow execution working off an order. A queued job with a `claimed_until` in the future is starting."""

    __tablename__ = "jobs"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        sa.UniqueConstraint("owner_id", "idempotency_key"),
        owned("book_id", table="books", remote=("id",), cascade=True),
        sa.Index("ix_jobs_admission", "state", "priority", "number"),
        sa.Index("ix_jobs_fingerprint", "owner_id", "fingerprint", "number"),
        sa.Index("ix_jobs_book", "owner_id", "book_id", "generation"),
        sa.Index("ix_jobs_owner", "owner_id", "number"),
        sa.Index("ix_jobs_state", "state", "number"),
        sa.Index("ix_jobs_kind", "kind", "state"),
        sa.Index("ix_jobs_created", "created_at"),
        sa.Index("ix_jobs_closed", "closed_at", "state", "started_at"),
        sa.Index("ix_jobs_started", "kind", "started_at"),
        sa.Index("ix_jobs_id", "id"),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(max_length=64)
    owner_id: str = Field(max_length=64)
    book_id: str = Field(max_length=64)
    workflow_id: str
    generation: int
    kind: str
    state: str
    priority: int
    fingerprint: str | None
    idempotency_key: str | None
    ordered: dict[str, Any] = Field(sa_type=sa.JSON)
    """The order as it came in."""
    event_seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    paused_reason: str | None
    warning: str | None
    error: str | None
    trace: str | None = Field(default=None, max_length=64)
    """The span that the order came in, as a W3C `traceparent`."""
    retries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often it has failed and gone back into the queue."""
    due_at: datetime | None = moment(null=True)
    """Before this it is not started."""
    shown: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The most that anybody was told of its progress, in per cent: it never goes back."""
    claimed_until: datetime | None = moment(null=True)
    created_at: datetime = moment()
    started_at: datetime | None = moment(null=True)
    closed_at: datetime | None = moment(null=True)


class StageRow(SQLModel, table=True):
    """A named part of a job. While narration runs its counts follow from the pages; they are written at its end."""

    __tablename__ = "stages"
    __table_args__ = (owned("job_id", table="jobs", remote=("id",), cascade=True), WITHOUT_ROWID)
    owner_id: str = key()
    job_id: str = key()
    name: str = key(32)
    state: str
    done: int
    failed: int
    total: int
    started_at: datetime | None = moment(null=True)
    completed_at: datetime | None = moment(null=True)


class EventRow(SQLModel, table=True):
    """Something that happened in a job. `seq` has no gap, and no event appears after a later one was seen."""

    __tablename__ = "events"
    __table_args__ = (owned("job_id", table="jobs", remote=("id",), cascade=True), WITHOUT_ROWID)
    owner_id: str = key()
    job_id: str = key()
    seq: int = Field(primary_key=True)
    kind: str
    data: dict[str, Any] = Field(sa_type=sa.JSON)
    at: datetime = moment()


class WishRow(SQLModel, table=True):
    """An update that somebody wants of a running job, until its workflow has taken it; the newest of each name."""

    __tablename__ = "wishes"
    __table_args__ = (
        owned("job_id", table="jobs", remote=("id",), cascade=True),
        sa.Index(
            "ix_wishes_open",
            "asked_at",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        ),
    )
    owner_id: str = key()
    job_id: str = key()
    name: str = key(32)
    turn: int
    """Counts the wishes of this name; part of the update's id."""
    argument: str | None
    asked_at: datetime = moment()
    settled_at: datetime | None = moment(null=True)


class FirstAnswerRow(SQLModel, table=True):
    """What a request with an Idempotency-Key was answered; no `status` while it is being worked on."""

    __tablename__ = "first_answers"
    __table_args__ = (
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"]),
        sa.Index("ix_first_answers_expiry", "owner_id", "expires_at"),
    )
    owner_id: str = key()
    key: str = key(255)
    digest: str = Field(max_length=64)
    """Of method, path and body."""
    status: int | None
    headers: dict[str, str] | None = Field(sa_type=sa.JSON)
    body: str | None
    held_until: datetime = moment()
    """When somebody else may take the request over: whoever works on it puts this off again and again."""
    expires_at: datetime = moment()


class ChapterRow(SQLModel, table=True):
    """A chapter and its pages (1-based through the book, inclusive)."""

    __tablename__ = "chapters"
    __table_args__ = (owned("book_id", table="books", remote=("id",), cascade=True), WITHOUT_ROWID)
    owner_id: str = key()
    book_id: str = key()
    number: int = Field(primary_key=True)
    title: str
    first_page: int
    last_page: int


class PageRow(SQLModel, table=True):
    """A page's current text."""

    __tablename__ = "pages"
    __table_args__ = (owned("book_id", table="books", remote=("id",), cascade=True),)
    owner_id: str = key()
    book_id: str = key()
    number: int = Field(primary_key=True)
    chapter: int
    label: str | None
    text: str
    trouble: str | None
    """Why its text is not to be relied on, if so."""
    version: int
    source: str = Field(default="text", max_length=64, sa_column_kwargs={"server_default": "text"})
    """Where its text came from: `text`, `vision:gemini`, `edited`, `none`."""


class PageVersionRow(SQLModel, table=True):
    """A version of a page that is not its current one: its text, and its narration if it was spoken."""

    __tablename__ = "page_versions"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_page_versions_asset", "owner_id", "asset"),
    )
    owner_id: str = key()
    book_id: str = key()
    number: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    text: str
    trouble: str | None
    asset: str | None = Field(max_length=64)
    duration_ms: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    take: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    made_by: str | None
    stand_in: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    source: str = Field(default="text", max_length=64, sa_column_kwargs={"server_default": "text"})
    replaced_at: datetime = moment()


class PageTrackRow(SQLModel, table=True):
    """What has become of one track of one page."""

    __tablename__ = "page_tracks"
    __table_args__ = (
        owned("book_id", "page", table="pages", remote=("book_id", "number"), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_page_tracks_asset", "owner_id", "asset"),
        WITHOUT_ROWID,
    )
    owner_id: str = key()
    book_id: str = key()
    track: str = key(32)
    page: int = Field(primary_key=True)
    state: str
    asset: str | None = Field(max_length=64)
    duration_ms: int
    take: int
    error_type: str | None
    error: str | None
    made_by: str | None
    """The provider, model and voice that made it."""
    stand_in: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether that was not the one who was chosen first."""
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Of its picture or sound; those before it are in `track_versions`."""


class FileRow(SQLModel, table=True):
    """A file of an edition. `chapter` is 0 for an edition of the whole book."""

    __tablename__ = "files"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_files_asset", "owner_id", "asset"),
    )
    owner_id: str = key()
    book_id: str = key()
    edition: str = key(16)
    chapter: int = Field(primary_key=True)
    recipe: str
    name: str
    asset: str = Field(max_length=64)
    media_type: str
    size: int = Field(sa_type=sa.BigInteger)
    duration_ms: int
    marks: list[dict[str, Any]] = Field(sa_type=sa.JSON)
    missing_pages: list[int] = Field(sa_type=sa.JSON)
    bound_at: datetime = moment()


class RenditionRow(SQLModel, table=True):
    """A part of an edition, such as a page's MP3: found again by the hash of all that it was made from."""

    __tablename__ = "renditions"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_renditions_asset", "owner_id", "asset"),
        WITHOUT_ROWID,
    )
    owner_id: str = key()
    book_id: str = key()
    recipe: str = key(64)
    asset: str = Field(max_length=64)


METADATA = SQLModel.metadata
TABLES = METADATA.tables
users = TABLES["users"]
books = TABLES["books"]
jobs = TABLES["jobs"]
stages = TABLES["stages"]
events = TABLES["events"]
wishes = TABLES["wishes"]
first_answers = TABLES["first_answers"]
chapters = TABLES["chapters"]
pages = TABLES["pages"]
page_versions = TABLES["page_versions"]
page_tracks = TABLES["page_tracks"]
files = TABLES["files"]
renditions = TABLES["renditions"]

TENANT_TABLES = (
    "users",
    "books",
    "jobs",
    "stages",
    "events",
    "wishes",
    "first_answers",
    "chapters",
    "pages",
    "page_versions",
    "page_tracks",
    "files",
    "renditions",
    *MONEY_TABLES,
    *ACCESS_TABLES,
    *SCENE_TABLES,
    *BATCH_TABLES,
    *BULK_TABLES,
    *STORY_TABLES,
    *TRACK_TABLES,
    *LEXICON_TABLES,
    *INGESTION_TABLES,
    *SEARCH_TABLES,
    *WEBHOOK_TABLES,
)
"""Every table with rows of owners: row-level security is forced on all of them."""

SERVICE_TABLES = (*LIMIT_TABLES, *ALERT_TABLES)
"""The tables that belong to nobody: row-level security lets only the service see them."""
