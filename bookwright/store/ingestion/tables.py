"""The tables of uploads, and of the audiobooks that are made from them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import key, moment, owned


class UploadRow(SQLModel, table=True):
    """An upload session. `expires_at` is put off whenever something comes."""

    __tablename__ = "uploads"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.owner_id"]),
        owned("book_id", table="books", remote=("id",), cascade=True),
        sa.Index("ix_uploads_owner", "owner_id", "number"),
        sa.Index("ix_uploads_book", "owner_id", "book_id"),
        sa.Index(
            "ix_uploads_expiry",
            "expires_at",
            sqlite_where=sa.text("book_id IS NULL"),
            postgresql_where=sa.text("book_id IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(max_length=64)
    owner_id: str = Field(max_length=64)
    upload_type: str
    state: str
    total_files: int
    total_bytes: int = Field(sa_type=sa.BigInteger)
    error: str | None
    book_id: str | None = Field(default=None, max_length=64)
    """The audiobook that was made from it; the session goes with that."""
    created_at: datetime = moment()
    expires_at: datetime = moment()
    completed_at: datetime | None = moment(null=True)


class UploadFileRow(SQLModel, table=True):
    """A file of an upload session. Until it is whole its bytes lie in a scratch file of the process that takes it."""

    __tablename__ = "upload_files"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        owned("upload_id", table="uploads", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_upload_files_asset", "owner_id", "asset"),
    )
    owner_id: str = key()
    upload_id: str = key()
    position: int = Field(primary_key=True)
    id: str = Field(max_length=64)
    name: str
    size: int = Field(sa_type=sa.BigInteger)
    received: int = Field(sa_type=sa.BigInteger)
    media_type: str
    asset: str | None = Field(default=None, max_length=64)
    resumable: bool
    """Whether it may be gone on with after a break; else it has to come in one go."""
    created_at: datetime = moment()
    heard_at: datetime = moment()
    """When the last of its bytes came."""
    uploaded_at: datetime | None = moment(null=True)


class AudiobookRow(SQLModel, table=True):
    """What is known of an audiobook beside its book."""

    __tablename__ = "audiobooks"
    __table_args__ = (owned("book_id", table="books", remote=("id",), cascade=True),)
    owner_id: str = key()
    book_id: str = key()
    description: str | None
    is_public: bool
    updated_at: datetime = moment()


class RecordingRow(SQLModel, table=True):
    """A file of an audiobook, in the book's order; the facts are there once it was surveyed."""

    __tablename__ = "recordings"
    __table_args__ = (
        owned("book_id", table="audiobooks", remote=("book_id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_recordings_asset", "owner_id", "asset"),
    )
    owner_id: str = key()
    book_id: str = key()
    number: int = Field(primary_key=True)
    name: str
    asset: str = Field(max_length=64)
    media_type: str
    size: int = Field(sa_type=sa.BigInteger)
    duration_ms: int
    sample_rate: int
    loudness_lufs: float
    parts: list[dict[str, object]] | None = Field(default=None, sa_type=sa.JSON)


class TranscriptRow(SQLModel, table=True):
    """A chapter of an audiobook: which part of which recording it is, and what was heard in it."""

    __tablename__ = "transcripts"
    __table_args__ = (
        owned("book_id", table="audiobooks", remote=("book_id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_transcripts_asset", "owner_id", "asset"),
    )
    owner_id: str = key()
    book_id: str = key()
    chapter: int = Field(primary_key=True)
    recording: int
    title: str
    begin_ms: int
    end_ms: int
    state: str
    asset: str | None = Field(default=None, max_length=64)
    """The `Transcript`, its times from `begin_ms` on."""
    language: str | None = Field(default=None, max_length=35)
    words: int
    confidence: float | None
    """The mean of its words'."""
    error_type: str | None
    error: str | None
    made_by: str | None
    stand_in: bool


class ProcessingJobRow(SQLModel, table=True):
    """One step of an audiobook's ingestion."""

    __tablename__ = "processing_jobs"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "id"),
        owned("book_id", table="audiobooks", remote=("book_id",), cascade=True),
        sa.Index(
            "ix_processing_jobs_failed",
            "completed_at",
            "id",
            sqlite_where=sa.text("state = 'failed'"),
            postgresql_where=sa.text("state = 'failed'"),
        ),
    )
    owner_id: str = key()
    book_id: str = key()
    job_type: str = key(16)
    id: str = Field(max_length=64)
    state: str
    done: int
    total: int
    error_type: str | None
    error: str | None
    started_at: datetime | None = moment(null=True)
    completed_at: datetime | None = moment(null=True)


class AiOutputRow(SQLModel, table=True):
    """A summary or tags. `chapter` is 0 for the whole book; `basis` is how many chapters it was made from."""

    __tablename__ = "ai_outputs"
    __table_args__ = (owned("book_id", table="audiobooks", remote=("book_id",), cascade=True),)
    owner_id: str = key()
    book_id: str = key()
    kind: str = key(32)
    chapter: int = Field(primary_key=True)
    basis: int
    text: str
    tags: list[str] = Field(sa_type=sa.JSON)
    free_tags: list[str] = Field(sa_type=sa.JSON)
    made_by: str
    stand_in: bool
    created_at: datetime = moment()


class PassageRow(SQLModel, table=True):
    """A run of sentences of a page, and its vector once it has one."""

    __tablename__ = "passages"
    __table_args__ = (
        owned("book_id", table="audiobooks", remote=("book_id",), cascade=True),
        sa.Index("ix_passages_chapter", "owner_id", "book_id", "chapter"),
    )
    owner_id: str = key()
    book_id: str = key()
    number: int = Field(primary_key=True)
    chapter: int
    page: int
    start: int
    """Code points from the page's beginning."""
    text: str
    begin_ms: int
    """From the page's beginning."""
    end_ms: int
    vector: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    """Of length 1, float32, little-endian."""
    model: str | None
    """Whose vector it is: only those of one model can be compared."""


class OutsideStepRow(SQLModel, table=True):
    """A step, or a chapter of one, that is left to outside workers."""

    __tablename__ = "outside_steps"
    __table_args__ = (
        owned("book_id", table="audiobooks", remote=("book_id",), cascade=True),
        sa.Index("ix_outside_steps_offered", "owner_id", "job_type", "state", "offered_at"),
    )
    owner_id: str = key()
    book_id: str = key()
    job_type: str = key(16)
    chapter: int = Field(primary_key=True)
    """0 is the book."""
    job_id: str = Field(max_length=64)
    task: dict[str, object] = Field(sa_type=sa.JSON)
    """The `OutsideTask`."""
    attempt: int = Field(sa_type=sa.BigInteger)
    """When the activity that waits was scheduled: a later one is never put back by an earlier one."""
    temporal_token: bytes = Field(sa_type=sa.LargeBinary)
    state: str
    token_digest: str | None = Field(default=None, max_length=64)
    """Of the token of whoever has claimed it."""
    failures: int
    """Reported ones, in this job."""
    progress: float
    offered_at: datetime = moment()


_TABLES = SQLModel.metadata.tables
uploads = _TABLES["uploads"]
upload_files = _TABLES["upload_files"]
audiobooks = _TABLES["audiobooks"]
recordings = _TABLES["recordings"]
transcripts = _TABLES["transcripts"]
processing_jobs = _TABLES["processing_jobs"]
ai_outputs = _TABLES["ai_outputs"]
passages = _TABLES["passages"]
outside_steps = _TABLES["outside_steps"]

INGESTION_TABLES = (
    "uploads",
    "upload_files",
    "audiobooks",
    "recordings",
    "transcripts",
    "processing_jobs",
    "ai_outputs",
    "passages",
    "outside_steps",
)
"""Tenant tables of this module."""
