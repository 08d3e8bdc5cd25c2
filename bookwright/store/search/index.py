"""Keeping what passages are found by in step with them, within the transaction that changes them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.ingestion import Passage
from bookwright.store.database.statements import insert, insert_missing
from bookwright.store.ingestion.tables import passages
from bookwright.store.search.tables import passage_index, searchable_books
from bookwright.text.searching import indexed

Vector = npt.ArrayLike
_EMBED = sa.text(
    "UPDATE passage_index SET embedding = CAST(:vector AS halfvec), embedding_model = :model"
    " WHERE owner_id = :owner AND book_id = :book AND number = :number"
)


def add_terms(connection: sa.Connection, owner: OwnerId, book: BookId, found: Iterable[Passage]) -> None:
    """Make passages that were just inserted findable by their text; where they were deleted, their terms went along."""
    rows = [{"owner_id": owner, "book_id": book, "number": each.number, "terms": indexed(each.text)} for each in found]
    insert_missing(connection, passage_index, *rows)


def add_vectors(
    connection: sa.Connection, owner: OwnerId, book: BookId, vectors: Mapping[int, tuple[Vector, str]]
) -> None:
    """Make passages findable by their vectors, by their numbers, each with its model. Exact search reads the vectors of
    `passages` themselves, and needs nothing here."""
    if vectors and has_pgvector(connection):
        about = {"owner": owner, "book": book}
        rows = [
            {**about, "number": number, "vector": literal(vector), "model": model}
            for number, (vector, model) in vectors.items()
        ]
        connection.execute(_EMBED, rows)


def changed(connection: sa.Connection, owner: OwnerId, book: BookId) -> None:
    """Passages of the book, or their vectors, have changed: what was read of them before is old."""
    counted = sa.select(sa.func.count()).select_from(passages)
    counted = counted.where(passages.c.owner_id == owner, passages.c.book_id == book)
    row = {"owner_id": owner, "book_id": book, "passages": connection.execute(counted).scalar_one(), "version": 1}
    statement = insert(connection, searchable_books).values(row)
    changes: dict[str, Any] = {"passages": row["passages"], "version": searchable_books.c.version + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["owner_id", "book_id"], set_=changes))


def literal(vector: Vector) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in np.asarray(vector, np.float32).tolist()) + "]"


def has_pgvector(connection: sa.Connection) -> bool:
    """Whether the database itself searches vectors: its migration found pgvector."""
    if connection.dialect.name != "postgresql":
        return False
    query = "SELECT 1 FROM pg_attribute WHERE attrelid = 'passage_index'::regclass AND attname = 'embedding'"
    return connection.exec_driver_sql(query).scalar() is not None
