"""The tables of scenes, soundscapes, the pages that belong to them, and processing errors."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import key, micros, moment, owned


class SoundscapeRow(SQLModel, table=True):
    """The ambient sound of some scenes of a book. `asset` is the sound itself: a book that has its sound from another
    one keeps it when that is deleted."""

    __tablename__ = "soundscapes"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_soundscapes_asset", "owner_id", "asset"),
        sa.Index("ix_soundscapes_made", "owner_id", "made_by", "created_at"),
    )
    owner_id: str = key()
    book_id: str = key()
    number: int = Field(primary_key=True)
    state: str
    take: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    sketch: dict[str, Any] = Field(sa_type=sa.JSON)
    prompt: str
    asset: str | None = Field(default=None, max_length=64)
    media_type: str | None
    duration_ms: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    loop: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    made_by: str | None
    stand_in: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    cost_micros: int = micros()
    """What it cost, for whichever book it was bought."""
    borrowed: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether it was bought for another book."""
    error_type: str | None
    error: str | None
    created_at: datetime = moment()


class SceneRow(SQLModel, table=True):
    """A run of spreads with one setting and mood."""

    __tablename__ = "scenes"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("book_id", "soundscape", table="soundscapes", remote=("book_id", "number"), cascade=True),
        sa.Index("ix_scenes_soundscape", "owner_id", "book_id", "soundscape"),
    )
    owner_id: str = key()
    book_id: str = key()
    number: int = Field(primary_key=True)
    first_page: int
    last_page: int
    sketch: dict[str, Any] = Field(sa_type=sa.JSON)
    prompt: str
    soundscape: int | None


class PageSceneRow(SQLModel, table=True):
    """Which scene a page belongs to."""

    __tablename__ = "page_scenes"
    __table_args__ = (
        owned("book_id", "page", table="pages", remote=("book_id", "number"), cascade=True),
        owned("book_id", "scene", table="scenes", remote=("book_id", "number"), cascade=True),
        sa.Index("ix_page_scenes_scene", "owner_id", "book_id", "scene"),
    )
    owner_id: str = key()
    book_id: str = key()
    page: int = Field(primary_key=True)
    scene: int


class ProcessingErrorRow(SQLModel, table=True):
    """A spread that a job could not process; the first reason of each counts."""

    __tablename__ = "processing_errors"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("job_id", table="jobs", remote=("id",), cascade=True),
        sa.Index("ix_processing_errors_book", "owner_id", "book_id"),
    )
    owner_id: str = key()
    job_id: str = key()
    spread: int = Field(primary_key=True)
    book_id: str = Field(max_length=64)
    pages: list[int] = Field(sa_type=sa.JSON)
    kind: str = Field(max_length=64)
    message: str
    attempt: int
    trace: str | None
    """For operators only."""
    at: datetime = moment()


TABLES = SQLModel.metadata.tables
soundscapes = TABLES["soundscapes"]
scenes = TABLES["scenes"]
page_scenes = TABLES["page_scenes"]
processing_errors = TABLES["processing_errors"]

SCENE_TABLES = ("soundscapes", "scenes", "page_scenes", "processing_errors")
"""Tenant tables of this module."""
