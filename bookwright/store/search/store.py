"""Searching: both rankings, made one, and what is known of each passage that was found."""

import asyncio
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.search import MOST_FOUND, FoundPassage, MatchedBy
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ingestion.tables import passages, transcripts
from bookwright.store.search.tables import passage_index
from bookwright.store.search.vectors import NearestPassages
from bookwright.store.search.words import by_words
from bookwright.store.tables import books, chapters, page_tracks
from bookwright.text.searching import fused


class SearchStore:
    """Passages of the owner's audiobooks, and of everybody's public ones.

    Candidates are looked for as the service, by statements that say whose they may be. What is answered is read as the
    owner: on PostgreSQL row-level security has the last word on it.
    """

    def __init__(self, database: Database, nearest: NearestPassages | None = None) -> None:
        self._database = database
        self._nearest = nearest or NearestPassages()

    async def search(
        self,
        owner: OwnerId,
        terms: Sequence[str],
        vector: Sequence[float] | None = None,
        model: str = "",
        *,
        most: int = MOST_FOUND,
    ) -> list[FoundPassage]:
        """At most `most` (1 to MOST_FOUND) passages, best first: by their terms and, where there is a vector, by the
        nearness of theirs, of the same model."""

        def nearest(connection: sa.Connection) -> list[int]:
            if vector is None:
                return []
            return self._nearest.nearest(connection, owner, vector, model, MOST_FOUND)

        # At the same time: neither ranking needs the other, and neither is made by Python itself.
        words, near = await asyncio.gather(
            self._database.read(SERVICE, lambda c: by_words(c, owner, terms, MOST_FOUND)),
            self._database.read(SERVICE, nearest),
        )
        best = fused(words, near)[:most]

        def look(connection: sa.Connection) -> list[tuple[Any, float, tuple[MatchedBy, ...]]]:
            about = {row.id: row for row in connection.execute(_ABOUT, {"ids": [key for key, _ in best]})}
            return [
                (
                    about[key],
                    score,
                    tuple(why for why, there in ((MatchedBy.TEXT, words), (MatchedBy.MEANING, near)) if key in there),
                )
                for key, score in best
                if key in about
            ]

        found = await self._database.read(SERVICE, look)
        if not found:
            return []
        texts = await self._database.read(owner, lambda c: _texts(c, [row for row, _, _ in found]))
        return [_passage(owner, row, texts[_key(row)], score, why) for row, score, why in found if _key(row) in texts]


def _about() -> "sa.Select[Any]":
    """Book, chapter and recording of passages."""
    before = page_tracks.alias()
    of_book = (before.c.owner_id == passages.c.owner_id, before.c.book_id == passages.c.book_id)
    earlier = sa.select(sa.func.coalesce(sa.func.sum(before.c.duration_ms), 0)).where(
        *of_book,
        before.c.track == Track.NARRATION,
        before.c.page >= chapters.c.first_page,
        before.c.page < passages.c.page,
    )
    of_chapter = sa.and_(
        transcripts.c.owner_id == passages.c.owner_id,
        transcripts.c.book_id == passages.c.book_id,
        transcripts.c.chapter == passages.c.chapter,
    )
    in_chapter = sa.and_(
        chapters.c.owner_id == passages.c.owner_id,
        chapters.c.book_id == passages.c.book_id,
        chapters.c.number == passages.c.chapter,
    )
    in_book = sa.and_(books.c.owner_id == passages.c.owner_id, books.c.id == passages.c.book_id)
    joined = passage_index.join(passages).join(books, in_book)
    joined = joined.outerjoin(chapters, in_chapter).outerjoin(transcripts, of_chapter)
    return (
        sa.select(
            passage_index.c.id,
            *(passages.c[name] for name in ("owner_id", "book_id", "number", "chapter", "page", "begin_ms", "end_ms")),
            books.c.number.label("book_number"),
            books.c.title.label("book_title"),
            books.c.language,
            chapters.c.title.label("chapter_title"),
            transcripts.c.recording,
            transcripts.c.begin_ms.label("chapter_ms"),
            earlier.scalar_subquery().label("earlier_ms"),
        )
        .select_from(joined)
        .where(passage_index.c.id.in_(sa.bindparam("ids", expanding=True)))
    )


_ABOUT = _about()


def _texts(connection: sa.Connection, rows: Sequence[Any]) -> dict[tuple[str, str, int], str]:
    # SQLite looks through all passages for `(…) IN (…)`, and a statement of many clauses takes long to be compiled.
    keys = ("owner_id", "book_id", "number")
    wanted = ", ".join(f"(:owner_id{at}, :book_id{at}, CAST(:number{at} AS integer))" for at in range(len(rows)))
    query = (
        f"WITH wanted ({', '.join(keys)}) AS (VALUES {wanted})"  # noqa: S608 - names of parameters
        " SELECT p.owner_id, p.book_id, p.number, p.text FROM wanted CROSS JOIN passages p WHERE "
        + " AND ".join(f"p.{key} = wanted.{key}" for key in keys)
    )
    values = {f"{key}{at}": getattr(row, key) for at, row in enumerate(rows) for key in keys}
    return {_key(row): row.text for row in connection.execute(sa.text(query), values)}


def _key(row: Any) -> tuple[str, str, int]:
    return row.owner_id, row.book_id, row.number


def _passage(owner: OwnerId, row: Any, text: str, score: float, why: tuple[MatchedBy, ...]) -> FoundPassage:
    return FoundPassage(
        book_id=BookId(row.book_id),
        book_number=row.book_number,
        book_title=row.book_title or "Untitled",
        language=row.language,
        own=row.owner_id == owner,
        chapter=row.chapter,
        chapter_title=row.chapter_title or f"Chapter {row.chapter}",
        page=row.page,
        number=row.number,
        text=text,
        begin_ms=row.begin_ms,
        end_ms=row.end_ms,
        recording=row.recording or 1,
        recording_ms=(row.chapter_ms or 0) + int(row.earlier_ms) + row.begin_ms,
        matched_by=why,
        score=score,
    )
