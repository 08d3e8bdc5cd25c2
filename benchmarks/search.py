"""Search over 100,000 passages of 100 audiobooks, by words and by vectors together, without the query's embedding: the
time of a search on both databases, and how many of the ten nearest passages pgvector's index finds.

The vectors are seeded random ones around 500 centres; the words are drawn by Zipf's law.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import sqlalchemy as sa

from benchmarks.measure import Figure
from benchmarks.serving import share
from bookwright.contracts.ids import OwnerId
from bookwright.store import Database, migrate
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE
from bookwright.store.ingestion.tables import audiobooks, passages
from bookwright.store.search.index import literal
from bookwright.store.search.store import SearchStore
from bookwright.store.search.tables import passage_index, searchable_books
from bookwright.store.search.vectors import NearestPassages
from bookwright.store.tables import books, users
from tests.support.postgres import postgres_server

OWNER = OwnerId("reader")
BOOKS, OF_BOOK, SIZE, CENTRES, VOCABULARY = 100, 1_000, 384, 500, 30_000
QUERIES, NEAREST = 300, 10
BUFFERS_MB = 512
"""PostgreSQL's own memory: tables and indexes are 350 MB."""
MODEL = "benchmark vectors"
SEED = 7
_WORDS = np.array([f"w{number}" for number in range(VOCABULARY + 1)], dtype=object)
_INDEXED = (
    "INSERT INTO passage_index (id, owner_id, book_id, number, terms, embedding, embedding_model)"
    " VALUES (:id, :owner_id, :book_id, :number, :text, CAST(:literal AS halfvec), :model)"
)
Vectors = npt.NDArray[np.float32]
Asked = list[tuple[str, ...]]


async def run() -> list[Figure]:
    """Measure both databases."""
    rng = np.random.default_rng(SEED)
    centres = rng.normal(size=(CENTRES, SIZE))
    vectors = _around(rng, centres, BOOKS * OF_BOOK)
    queries = _around(rng, centres, QUERIES)
    asked = [_words(rng, 3) for _ in range(QUERIES)]
    with tempfile.TemporaryDirectory() as folder:
        figures = await _measured(f"sqlite:///{Path(folder) / 'book.db'}", vectors, queries, asked, 50, "SQLite, exact")
    with postgres_server(BUFFERS_MB) as server:
        url = server.url(server.database())
        figures += await _measured(url, vectors, queries, asked, 20, "PostgreSQL, HNSW", recall=True)
    return figures


async def _measured(
    url: str,
    vectors: Vectors,
    queries: Vectors,
    asked: list[tuple[str, ...]],
    gate: float,
    name: str,
    *,
    recall: bool = False,
) -> list[Figure]:
    await migrate(url)
    async with Database(url, synchronous="OFF") as database:
        await _fill(database, url, vectors)
        store = SearchStore(database)
        took = []
        for place in range(-20, QUERIES):
            began = time.perf_counter()
            found = await store.search(OWNER, asked[place], queries[place].tolist(), MODEL, most=20)
            if place >= 0:
                took.append(time.perf_counter() - began)
            assert len(found) == 20
        figures = [
            Figure(f"{name}: median search", [share(took, 0.5)], unit="ms"),
            Figure(f"{name}: p99 of {QUERIES}", [share(took, 0.99)], gate=gate, unit="ms"),
        ]
        if recall:
            hits = [len(await _nearest(database, query) & _exact(vectors, query)) for query in queries]
            figures.append(Figure(f"{name}: recall@{NEAREST}", [sum(hits) / NEAREST / QUERIES], gate=0.95, most=False))
        return figures


async def _nearest(database: Database, query: Vectors) -> set[int]:
    nearest = NearestPassages()
    return set(await database.read(SERVICE, lambda c: nearest.nearest(c, OWNER, query.tolist(), MODEL, 50)[:NEAREST]))


def _exact(vectors: Vectors, query: Vectors) -> set[int]:
    return {int(place) + 1 for place in np.argsort(-(vectors @ query))[:NEAREST]}


async def _fill(database: Database, url: str, vectors: Vectors) -> None:
    """As if so much had been ingested; on PostgreSQL the indexes are built at the end, which is faster."""
    postgresql = database.dialect == "postgresql"
    indexes: list[str] = []
    if postgresql:
        with psycopg.connect(url) as owner:
            for name in (f"ix_passage_index_{SIZE}", "ix_passage_index_words"):
                query = "SELECT indexdef FROM pg_indexes WHERE indexname = %s"
                indexes += owner.execute(query, [name]).fetchone() or ()
                owner.execute(f"DROP INDEX {name}".encode())
    await database.write(SERVICE, lambda c: c.execute(sa.insert(users), {"owner_id": OWNER, "created_at": utcnow()}))
    for book, rows in enumerate(_books(vectors)):

        def work(connection: sa.Connection, book: int = book, rows: list[dict[str, Any]] = rows) -> None:
            one = {"owner_id": OWNER, "book_id": f"book{book}"}
            about = {"title": f"Book {book}", "owner_id": OWNER, "id": f"book{book}", "created_at": utcnow()}
            connection.execute(sa.insert(books), about)
            connection.execute(sa.insert(audiobooks), one | {"is_public": False, "updated_at": utcnow()})
            columns = passages.c.keys()
            connection.execute(sa.insert(passages), [{name: row[name] for name in columns} for row in rows])
            if postgresql:
                connection.execute(sa.text(_INDEXED), rows)
            else:
                terms = [{"id": row["id"], "terms": row["text"]} | one | {"number": row["number"]} for row in rows]
                connection.execute(sa.insert(passage_index), terms)
            connection.execute(sa.insert(searchable_books), one | {"passages": len(rows), "version": 1})

        await database.write(SERVICE, work)
    if postgresql:
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("SET maintenance_work_mem = '400MB'")
            for index in indexes:
                owner.execute(index.encode())
            owner.execute("VACUUM (ANALYZE) passage_index, passages, books, audiobooks, searchable_books")


def _books(vectors: Vectors) -> Iterator[list[dict[str, Any]]]:
    rng = np.random.default_rng(SEED)
    for first in range(0, len(vectors), OF_BOOK):
        rows = []
        for number in range(1, OF_BOOK + 1):
            vector = vectors[first + number - 1]
            rows.append(
                {"id": first + number, "owner_id": OWNER, "book_id": f"book{first // OF_BOOK}", "number": number}
                | {"chapter": 1, "page": number, "start": 0, "begin_ms": 0, "end_ms": 20_000, "model": MODEL}
                | {"text": " ".join(_words(rng, 60)), "vector": vector.astype("<f4").tobytes()}
                | {"literal": literal(vector)}
            )
        yield rows


def _words(rng: np.random.Generator, count: int) -> tuple[str, ...]:
    return tuple(_WORDS[np.minimum(rng.zipf(1.2, count), VOCABULARY)])


def _around(rng: np.random.Generator, centres: npt.NDArray[np.float64], count: int) -> Vectors:
    found = centres[rng.integers(len(centres), size=count)] + rng.normal(scale=0.8, size=(count, SIZE))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)
