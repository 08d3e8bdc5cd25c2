"""Audiobooks as their activities read and write them: recordings, chapters, steps, and what models say."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import BadInput, NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.ingestion import (
    MOST_CHAPTERS,
    AiOutput,
    ChapterHeard,
    ChapterRecording,
    ChaptersPlan,
    OutputKind,
    Passage,
    Recording,
    RecordingFacts,
    RecordingPart,
    Step,
    StepChange,
)
from bookwright.contracts.orders import BookContext, BookOrder
from bookwright.store.blobs import Catalogue, record_blob
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert, insert_missing
from bookwright.store.ingestion.steps import change_step, read_steps
from bookwright.store.ingestion.tables import ai_outputs, passages, recordings, transcripts
from bookwright.store.search.index import add_terms, add_vectors, changed
from bookwright.store.tables import books

VOICE = "recording"
"""Stands for the voice of a book that was recorded and not made."""


class IngestionStore:
    """The `Ingestions` port on the database."""

    def __init__(self, database: Database, assets: Catalogue) -> None:
        self._database = database
        self._assets = assets

    async def context(self, order: BookOrder, job: str) -> BookContext:
        """What a job of an audiobook works with: the book as it is now. Raises NotFound."""
        query = sa.select(books).where(books.c.owner_id == order.owner_id, books.c.id == order.book_id)
        row = await self._database.read(order.owner_id, lambda c: c.execute(query).one_or_none())
        if row is None:
            raise NotFound("there is no such book")
        return BookContext(
            owner_id=order.owner_id,
            book_id=order.book_id,
            job_id=job,
            title=row.title or "Untitled",
            language=row.language or order.language or "und",
            voice=VOICE,
            editions=order.editions,
            tracks=order.tracks,
            pages=row.pages,
            priority=order.priority,
        )

    async def author(self, owner: OwnerId, book: BookId) -> str | None:
        """Who wrote the book."""
        query = sa.select(books.c.author).where(books.c.owner_id == owner, books.c.id == book)
        return await self._database.read(owner, lambda c: c.execute(query).scalar())

    async def recordings(self, owner: OwnerId, book: BookId) -> list[Recording]:
        """The files of the audiobook, in its order."""
        rows = await self._database.read(owner, lambda c: c.execute(_recordings(owner, book)).all())
        return [_recording(row) for row in rows]

    async def is_surveyed(self, owner: OwnerId, book: BookId, number: int) -> bool:
        """Whether a recording's facts are known."""
        query = _recordings(owner, book).where(recordings.c.number == number)
        row = await self._database.read(owner, lambda c: c.execute(query).one_or_none())
        return row is not None and row.parts is not None

    async def surveyed(self, owner: OwnerId, book: BookId, number: int, facts: RecordingFacts) -> None:
        """The facts of a recording."""
        this = (recordings.c.owner_id == owner, recordings.c.book_id == book, recordings.c.number == number)
        found = facts.model_dump(mode="json")
        await self._database.write(owner, lambda c: c.execute(sa.update(recordings).where(*this).values(found)))

    async def plan(self, owner: OwnerId, book: BookId) -> ChaptersPlan:
        """Make the chapters of the recordings' parts, once; answers those that are not written down yet. Raises
        BadInput when there are more than MOST_CHAPTERS."""

        def work(connection: sa.Connection) -> ChaptersPlan:
            rows = connection.execute(_recordings(owner, book)).all()
            if (chapters := sum(len(row.parts or ()) for row in rows)) > MOST_CHAPTERS:
                raise BadInput(
                    f"the recordings come to {chapters} chapters, by their chapter marks or long silences; at most "
                    f"{MOST_CHAPTERS} are taken: make several audiobooks of them, or drop marks",
                    field="file",
                )
            single = len(rows) == 1
            planned = [
                {
                    "recording": row.number,
                    "title": _title(RecordingPart.model_validate(part), row, place, len(row.parts), single=single),
                    "begin_ms": part["begin_ms"],
                    "end_ms": part["end_ms"],
                }
                for row in rows
                for place, part in enumerate(row.parts or (), 1)
            ]
            fresh = {"owner_id": owner, "book_id": book, "state": TrackState.PENDING, "words": 0, "stand_in": False}
            insert_missing(
                connection, transcripts, *(fresh | part | {"chapter": at} for at, part in enumerate(planned, 1))
            )
            query = sa.select(transcripts.c.chapter).where(*_of(transcripts, owner, book))
            todo = query.where(transcripts.c.state != TrackState.COMPLETED).order_by(transcripts.c.chapter)
            return ChaptersPlan(chapters=len(planned), todo=tuple(connection.execute(todo).scalars()))

        return await self._database.write(owner, work)

    async def chapter(self, owner: OwnerId, book: BookId, chapter: int) -> ChapterRecording:
        """A chapter and its recording. Raises NotFound."""
        found = await self._database.read(owner, lambda c: read_chapters(c, owner, book, chapter, chapter))
        if not found:
            raise NotFound("the book has no such chapter")
        return found[0]

    async def chapters_of(self, owner: OwnerId, book: BookId, last: int) -> list[ChapterRecording]:
        """The chapters up to `last`, in their order."""
        return await self._database.read(owner, lambda c: read_chapters(c, owner, book, 1, last))

    async def heard(self, context: BookContext, chapter: int, heard: ChapterHeard) -> None:
        """What transcribing a chapter came to. One that is completed stays as it is."""
        blob = await self._assets.describe(heard.transcript) if heard.transcript else None
        this = (*_of(transcripts, context.owner_id, context.book_id), transcripts.c.chapter == chapter)
        changes = heard.model_dump(exclude={"transcript"}) | {"asset": heard.transcript}

        def work(connection: sa.Connection) -> None:
            if blob is not None:
                record_blob(connection, context.owner_id, blob)
            open_ = transcripts.c.state != TrackState.COMPLETED
            connection.execute(sa.update(transcripts).where(*this, open_).values(changes))

        await self._database.write(context.owner_id, work)

    async def steps(self, owner: OwnerId, book: BookId) -> list[Step]:
        """The steps, in the order in which they begin."""
        return await self._database.read(owner, lambda c: read_steps(c, owner, book))

    async def step(self, change: StepChange) -> None:
        """Begin, go on with or end a step."""
        await self._database.write(change.context.owner_id, lambda c: change_step(c, change))

    async def outputs(self, owner: OwnerId, book: BookId, kind: OutputKind) -> dict[int, AiOutput]:
        """What there is of a kind, by its chapter."""
        return await self._database.read(owner, lambda c: read_outputs(c, owner, book, kind))

    async def save_output(self, context: BookContext, output: AiOutput) -> None:
        """Put what a model says in place of what there was."""
        row = output.model_dump() | {
            "owner_id": context.owner_id,
            "book_id": context.book_id,
            "tags": list(output.tags),
            "free_tags": list(output.free_tags),
            "created_at": utcnow(),
        }
        keys = ["owner_id", "book_id", "kind", "chapter"]
        changes = {name: value for name, value in row.items() if name not in keys}

        def work(connection: sa.Connection) -> None:
            statement = insert(connection, ai_outputs).values(row)
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))

        await self._database.write(context.owner_id, work)

    async def save_passages(self, context: BookContext, chapter: int, found: Sequence[Passage]) -> None:
        """Make these the passages of a chapter; those that stay as they were keep their vectors."""
        owner, book = context.owner_id, context.book_id
        mine = (*_of(passages, owner, book), passages.c.chapter == chapter)

        def work(connection: sa.Connection) -> None:
            old = connection.execute(sa.select(passages).where(*mine)).all()
            kept = {(row.text, row.model): row.vector for row in old if row.vector is not None}
            by_text = {text: (vector, model) for (text, model), vector in kept.items()}
            connection.execute(sa.delete(passages).where(*mine))
            rows = []
            for passage in found:
                vector, model = by_text.get(passage.text, (None, None))
                about = {"owner_id": owner, "book_id": book, "vector": vector, "model": model}
                rows.append(passage.model_dump() | about)
            insert_missing(connection, passages, *rows)
            add_terms(connection, owner, book, found)
            there = {
                row["number"]: (np.frombuffer(row["vector"], "<f4"), row["model"]) for row in rows if row["vector"]
            }
            add_vectors(connection, owner, book, there)
            changed(connection, owner, book)

        await self._database.write(owner, work)

    async def unembedded(self, owner: OwnerId, book: BookId, model: str, limit: int) -> list[Passage]:
        """Passages, in their order, that have no vector of this model."""
        missing = sa.or_(passages.c.model.is_(None), passages.c.model != model)
        query = sa.select(passages).where(*_of(passages, owner, book), missing).order_by(passages.c.number).limit(limit)
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        return [Passage.model_validate({name: row._mapping[name] for name in Passage.model_fields}) for row in rows]

    async def embedded(self, context: BookContext, model: str, vectors: Mapping[int, Sequence[float]]) -> None:
        """The vectors of passages, by their numbers."""
        this = (*_of(passages, context.owner_id, context.book_id), passages.c.number == sa.bindparam("p_number"))
        statement = sa.update(passages).where(*this).values(vector=sa.bindparam("p_vector"), model=model)
        rows = [
            {"p_number": number, "p_vector": np.asarray(vector, "<f4").tobytes()} for number, vector in vectors.items()
        ]

        def work(connection: sa.Connection) -> None:
            connection.execute(statement, rows)
            told = {number: (vector, model) for number, vector in vectors.items()}
            add_vectors(connection, context.owner_id, context.book_id, told)
            changed(connection, context.owner_id, context.book_id)

        if rows:
            await self._database.write(context.owner_id, work)

    async def passage_count(self, owner: OwnerId, book: BookId, model: str | None = None) -> int:
        """How many passages there are, or have a vector of this model."""
        query = sa.select(sa.func.count()).select_from(passages).where(*_of(passages, owner, book))
        if model is not None:
            query = query.where(passages.c.model == model)
        return await self._database.read(owner, lambda c: c.execute(query).scalar_one())


def read_chapters(
    connection: sa.Connection, owner: OwnerId, book: BookId, first: int, last: int
) -> list[ChapterRecording]:
    """The chapters from `first` to `last`, in their order."""
    files = {row.number: _recording(row) for row in connection.execute(_recordings(owner, book))}
    query = sa.select(transcripts).where(*_of(transcripts, owner, book), transcripts.c.chapter.between(first, last))
    return [
        ChapterRecording(
            chapter=row.chapter,
            recording=files[row.recording],
            title=row.title,
            begin_ms=row.begin_ms,
            end_ms=row.end_ms,
            state=TrackState(row.state),
            transcript=row.asset,
            language=row.language,
            words=row.words,
            confidence=row.confidence,
            error_type=row.error_type,
            error=row.error,
            made_by=row.made_by,
        )
        for row in connection.execute(query.order_by(transcripts.c.chapter))
    ]


def read_outputs(connection: sa.Connection, owner: OwnerId, book: BookId, kind: OutputKind) -> dict[int, AiOutput]:
    """What there is of a kind, by its chapter."""
    query = sa.select(ai_outputs).where(*_of(ai_outputs, owner, book), ai_outputs.c.kind == kind)
    return {
        row.chapter: AiOutput.model_validate({name: row._mapping[name] for name in AiOutput.model_fields})
        for row in connection.execute(query)
    }


def _recordings(owner: OwnerId, book: BookId) -> "sa.Select[Any]":
    return sa.select(recordings).where(*_of(recordings, owner, book)).order_by(recordings.c.number)


def _recording(row: Any) -> Recording:
    return Recording.model_validate({name: row._mapping[name] for name in Recording.model_fields})


def _of(table: sa.Table, owner: OwnerId, book: BookId) -> "tuple[sa.ColumnElement[bool], ...]":
    return table.c.owner_id == owner, table.c.book_id == book


def _title(part: RecordingPart, row: Any, place: int, parts: int, *, single: bool) -> str:
    """What a chapter is called: as its mark says, or else by its file or its place."""
    if part.title:
        return part.title
    name: str = row.name.rpartition(".")[0].strip() or row.name
    if single:
        return f"Chapter {place}"
    return name if parts == 1 else f"{name} ({place})"
