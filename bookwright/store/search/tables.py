"""What passages are found by. It follows from the table `passages` and goes with its rows.

Each database has something of its own beside these tables, made in the migrations: SQLite the FTS5 table `passage_fts`,
kept in step by triggers; PostgreSQL the column `lexemes` (a tsvector) and, where pgvector is there, `embedding` (a
halfvec) and `embedding_model` with their HNSW indexes.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import BIG_ID, key, owned


class PassageIndexRow(SQLModel, table=True):
    """The terms of a passage (`bookwright.text.searching`), under a number that both rankings know it by."""

    __tablename__ = "passage_index"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "book_id", "number"),
        owned("book_id", "number", table="passages", remote=("book_id", "number"), cascade=True),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    owner_id: str = Field(max_length=64)
    book_id: str = Field(max_length=64)
    number: int
    terms: str


class SearchableBookRow(SQLModel, table=True):
    """How many passages a book has; `version` counts the changes of them and of their vectors."""

    __tablename__ = "searchable_books"
    __table_args__ = (owned("book_id", table="audiobooks", remote=("book_id",), cascade=True),)
    owner_id: str = key()
    book_id: str = key()
    passages: int
    version: int


_TABLES = SQLModel.metadata.tables
passage_index = _TABLES["passage_index"]
searchable_books = _TABLES["searchable_books"]

SEARCH_TABLES = ("passage_index", "searchable_books")
"""Tenant tables of this module."""
OF_ONE_DATABASE = frozenset(
    (
        *("lexemes", "embedding", "embedding_model", "ix_passage_index_words"),
        *(f"ix_passage_index_{size}" for size in (384, 768, 1536, 3072)),
        *("passage_fts", *(f"passage_fts_{part}" for part in ("data", "idx", "docsize", "config"))),
    )
)
"""Columns of `passage_index`, indexes and tables that only one of the databases has, and migrations leave alone."""
