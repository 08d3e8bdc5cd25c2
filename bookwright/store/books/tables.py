"""The tables of what pages' pictures and sounds were before, and of those that are to be made anew later."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import key, moment, owned

_WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class TrackVersionRow(SQLModel, table=True):
    """A picture or sound of a page that is not its current one. How the page was spoken is with its text, in
    `page_versions`."""

    __tablename__ = "track_versions"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
        sa.Index("ix_track_versions_asset", "owner_id", "asset"),
        _WITHOUT_ROWID,
    )
    owner_id: str = key()
    book_id: str = key()
    track: str = key(32)
    page: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    asset: str = Field(max_length=64)
    duration_ms: int
    take: int
    made_by: str | None
    stand_in: bool
    replaced_at: datetime = moment()


class RedoRow(SQLModel, table=True):
    """A page's track that somebody wants made anew when the job that makes the book has ended."""

    __tablename__ = "redos"
    __table_args__ = (
        owned("book_id", "page", table="pages", remote=("book_id", "number"), cascade=True),
        _WITHOUT_ROWID,
    )
    owner_id: str = key()
    book_id: str = key()
    track: str = key(32)
    page: int = Field(primary_key=True)
    asked_at: datetime = moment()
    begun: bool
    """Whether the track is pending already; what is left is a job that makes it."""


class ReadingPlaceRow(SQLModel, table=True):
    """Where the owner is in a book."""

    __tablename__ = "reading_places"
    __table_args__ = (owned("book_id", table="books", remote=("id",), cascade=True), _WITHOUT_ROWID)
    owner_id: str = key()
    book_id: str = key()
    page: int
    ms: int
    """In the page's sound."""
    at: datetime = moment()
    """When they were there, by the clock of whoever said so."""


_TABLES = SQLModel.metadata.tables
track_versions = _TABLES["track_versions"]
redos = _TABLES["redos"]
reading_places = _TABLES["reading_places"]

TRACK_TABLES = ("track_versions", "redos", "reading_places")
