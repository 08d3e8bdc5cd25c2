"""The tables of how words of books are said, and of the sounds that went by it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import key, moment, owned

_WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class LexiconRow(SQLModel, table=True):
    """The pronunciation lexicon of a book; none before there was a first entry."""

    __tablename__ = "lexicons"
    __table_args__ = (owned("book_id", table="books", remote=("id",), cascade=True),)
    owner_id: str = key()
    book_id: str = key()
    version: int
    entries: list[dict[str, Any]] = Field(sa_type=sa.JSON)
    changed_at: datetime = moment()


class PronouncedRow(SQLModel, table=True):
    """A page's sound (a segment) in which words are said as a lexicon says, and by which of its entries."""

    __tablename__ = "pronounced"
    __table_args__ = (owned("book_id", table="books", remote=("id",), cascade=True), _WITHOUT_ROWID)
    owner_id: str = key()
    book_id: str = key()
    segment: str = key()
    mark: str = Field(max_length=16)
    """What tells those entries from others."""


_TABLES = SQLModel.metadata.tables
lexicons = _TABLES["lexicons"]
pronounced = _TABLES["pronounced"]

LEXICON_TABLES = ("lexicons", "pronounced")
