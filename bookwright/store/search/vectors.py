"""The passages whose vectors are nearest to a query's: by pgvector's index, or exactly by numpy."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from bookwright.contracts.ids import OwnerId
from bookwright.store.ingestion.tables import audiobooks, passages
from bookwright.store.search.index import has_pgvector, literal
from bookwright.store.search.tables import passage_index, searchable_books
from bookwright.store.search.words import VISIBLE

KEPT_BYTES = 256 << 20
"""Of vectors in memory: 170,000 of 384 numbers."""
FEW = 5_000
"""Passages up to which PostgreSQL compares all: an index over everybody's would find mostly those of others."""
EF_SEARCH = 64
"""Candidates that HNSW keeps while it looks: more find more of the nearest, and take longer."""
Matrix = npt.NDArray[np.float32]
_SETTINGS = sa.text(
    "SELECT set_config('hnsw.ef_search', :ef, true), set_config('hnsw.iterative_scan', 'relaxed_order', true)"
)


@dataclass(frozen=True)
class _Book:
    version: int
    ids: npt.NDArray[np.int64]
    vectors: Matrix

    @property
    def bytes(self) -> int:
        return self.vectors.nbytes + self.ids.nbytes


class NearestPassages:
    """Finds passages by their vectors. Where the database doesn't, vectors are read book by book and kept in memory, up
    to KEPT_BYTES, the books that were asked for last; a book that has changed since is read anew. For use by several
    threads."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._most = kept_bytes
        self._books: OrderedDict[tuple[str, str, str], _Book] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._has_pgvector: bool | None = None

    @property
    def held_bytes(self) -> int:
        """What is kept in memory now."""
        return self._held

    def nearest(
        self, connection: sa.Connection, owner: OwnerId, vector: Sequence[float], model: str, most: int
    ) -> list[int]:
        """The ids of `passage_index`, nearest first; only vectors of this model are compared. Needs a connection that
        sees all rows."""
        if self._has_pgvector is None:  # a migration has found it, or will never
            self._has_pgvector = has_pgvector(connection)
        if self._has_pgvector:
            counted = connection.execute(_visible(owner, sa.func.sum(searchable_books.c.passages))).scalar()
            return _indexed(connection, owner, vector, model, most, int(counted)) if counted else []
        books = connection.execute(_visible(owner, searchable_books)).all()
        return self._exact(connection, books, np.asarray(vector, np.float32), model, most) if books else []

    def _exact(
        self, connection: sa.Connection, books: Sequence[Any], wanted: Matrix, model: str, most: int
    ) -> list[int]:
        ids, scores = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for row in books:
            book = self._book(connection, row, model)
            if book.vectors.shape[1] != len(wanted):
                continue
            ids.append(book.ids)
            scores.append(book.vectors @ wanted)
        found, near = np.concatenate(ids), np.concatenate(scores)
        if len(near) > most:
            best = np.argpartition(-near, most)[:most]
            found, near = found[best], near[best]
        return [int(each) for each in found[np.lexsort((found, -near))][:most]]

    def _book(self, connection: sa.Connection, row: Any, model: str) -> _Book:
        name = (row.owner_id, row.book_id, model)
        with self._lock:
            kept = self._books.get(name)
            if kept is not None and kept.version == row.version:
                self._books.move_to_end(name)
                return kept
        read = _read(connection, row, model)
        with self._lock:
            self._drop(name)
            if read.bytes <= self._most:
                self._books[name] = read
                self._held += read.bytes
                while self._held > self._most:
                    self._drop(next(iter(self._books)))
        return read

    def _drop(self, name: tuple[str, str, str]) -> None:
        old = self._books.pop(name, None)
        self._held -= old.bytes if old else 0


def _visible(owner: OwnerId, *columns: Any) -> "sa.Select[Any]":
    """Columns of the searchable books that the searcher may see."""
    joined = searchable_books.join(audiobooks)
    may = sa.or_(searchable_books.c.owner_id == owner, audiobooks.c.is_public)
    return sa.select(*columns).select_from(joined).where(may)


def _read(connection: sa.Connection, row: Any, model: str) -> _Book:
    this = (passages.c.owner_id == row.owner_id, passages.c.book_id == row.book_id, passages.c.model == model)
    query = sa.select(passage_index.c.id, passages.c.vector).select_from(passages.join(passage_index)).where(*this)
    rows = connection.execute(query).all()
    lengths = {len(each.vector) for each in rows}
    if len(lengths) != 1:  # none, or vectors of a model that was set up anew in between: none can be compared
        return _Book(row.version, np.empty(0, np.int64), np.empty((0, 0), np.float32))
    ids = np.fromiter((each.id for each in rows), np.int64, len(rows))
    vectors = np.frombuffer(b"".join(each.vector for each in rows), "<f4").reshape(len(rows), -1)
    return _Book(row.version, ids, vectors)


def _indexed(
    connection: sa.Connection, owner: OwnerId, vector: Sequence[float], model: str, most: int, count: int
) -> list[int]:
    size = len(vector)
    mine = f"i.embedding_model = :model AND vector_dims(i.embedding) = {size} AND {VISIBLE}"
    near = f"i.embedding::halfvec({size}) <=> CAST(:vector AS halfvec({size}))"
    if count <= FEW:
        query = f"WITH mine AS MATERIALIZED (SELECT i.id, {near} AS far FROM passage_index i WHERE {mine})"  # noqa: S608 - constants of ours
        query += " SELECT id FROM mine ORDER BY far, id LIMIT :most"
    else:
        connection.execute(_SETTINGS, {"ef": str(EF_SEARCH)})
        query = f"WITH near AS MATERIALIZED (SELECT i.id, {near} AS far FROM passage_index i WHERE {mine}"  # noqa: S608 - constants of ours
        query += " ORDER BY far LIMIT :most) SELECT id FROM near ORDER BY far, id"
    values = {"owner": owner, "model": model, "vector": literal(vector), "most": most}
    return list(connection.execute(sa.text(query.replace("::halfvec", "\\:\\:halfvec")), values).scalars())
