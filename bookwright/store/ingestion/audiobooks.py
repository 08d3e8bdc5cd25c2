"""Audiobooks as the API and the command line see them: made from an upload, changed, looked at, gone on with."""

from datetime import datetime

import sqlalchemy as sa
from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import BookId, JobId, OwnerId, book_workflow_id, job_id
from bookwright.contracts.ingestion import AiOutput, ChapterRecording, OutputKind, Step, Upload, UploadState
from bookwright.contracts.orders import BookOrder, Recordings
from bookwright.contracts.progress import JobState
from bookwright.store.blobs import Catalogue
from bookwright.store.books.standing import BookFacts, book_facts
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert_missing
from bookwright.store.ingestion.steps import create_steps, read_step, read_steps, wait_again
from bookwright.store.ingestion.store import read_chapters, read_outputs
from bookwright.store.ingestion.tables import audiobooks, recordings, uploads
from bookwright.store.ingestion.uploads import read_upload
from bookwright.store.jobs.writes import create_job
from bookwright.store.tables import books, jobs
from bookwright.telemetry.tracing import current_trace

_ALL = 1_000_000


class Audiobook(Payload):
    """An audiobook, and what is known of it so far."""

    facts: BookFacts
    description: str | None
    is_public: bool
    updated_at: datetime
    steps: tuple[Step, ...]
    chapters: tuple[ChapterRecording, ...] = ()
    summary: AiOutput | None = None
    tags: AiOutput | None = None
    chapter_summaries: dict[int, AiOutput] = Field(default_factory=dict)


class AudiobookStore:
    """Audiobooks as everybody but their own activities sees them."""

    def __init__(self, database: Database, assets: Catalogue) -> None:
        self._database = database
        self._assets = assets

    async def create(self, order: BookOrder, *, description: str | None, is_public: bool) -> JobId:
        """Make an audiobook of a completed upload: book, recordings, steps and a queued job, in one transaction. Files
        come in the order of their names. Raises NotFound for an unknown upload, Conflict for one that is not completed
        or that an audiobook was made from."""
        assert isinstance(order.source, Recordings)
        name, owner, now = order.source.upload, order.owner_id, utcnow()
        workflow_id = book_workflow_id(order.book_id, order.generation)
        trace = current_trace()

        def work(connection: sa.Connection) -> None:
            upload = _completed(connection, owner, name)
            create_job(connection, order, workflow_id, fingerprint=upload.upload_id, trace=trace)
            mine = (books.c.owner_id == owner, books.c.id == order.book_id)
            connection.execute(sa.update(books).where(*mine).values(language=order.language))
            key = {"owner_id": owner, "book_id": order.book_id}
            about = {"description": description, "is_public": is_public, "updated_at": now}
            insert_missing(connection, audiobooks, key | about)
            files = sorted(upload.files, key=lambda file: natural(file.name))
            unknown = {"duration_ms": 0, "sample_rate": 0, "loudness_lufs": 0.0}
            insert_missing(
                connection,
                recordings,
                *(
                    key
                    | unknown
                    | {"number": number, "name": file.name, "asset": file.asset, "size": file.size}
                    | {"media_type": file.media_type}
                    for number, file in enumerate(files, 1)
                ),
            )
            create_steps(connection, owner, order.book_id)
            used = (uploads.c.owner_id == owner, uploads.c.id == upload.upload_id)
            connection.execute(sa.update(uploads).where(*used).values(book_id=order.book_id))

        await self._database.write(owner, work)
        return job_id(workflow_id)

    async def audiobook(self, owner: OwnerId, name: str) -> Audiobook:
        """An audiobook by its id or number, with all that is known of it. Raises NotFound."""
        return await self._database.read(owner, lambda c: _audiobook(c, owner, name))

    async def steps(self, owner: OwnerId, name: str) -> tuple[BookFacts, list[Step]]:
        """The steps of an audiobook. Raises NotFound."""

        def look(connection: sa.Connection) -> tuple[BookFacts, list[Step]]:
            facts, _ = _known(connection, owner, name)
            return facts, read_steps(connection, owner, facts.book_id)

        return await self._database.read(owner, look)

    async def step(self, owner: OwnerId, step: str) -> Step:
        """A step by its id. Raises NotFound."""
        return await self._database.read(owner, lambda c: read_step(c, owner, step))

    async def change(
        self,
        owner: OwnerId,
        name: str,
        *,
        title: str | None = None,
        author: str | None = None,
        description: str | None = None,
        is_public: bool | None = None,
    ) -> None:
        """Change what is given. Raises NotFound."""

        def work(connection: sa.Connection) -> None:
            facts, _ = _known(connection, owner, name)
            book = (books.c.owner_id == owner, books.c.id == facts.book_id)
            told = {key: value for key, value in {"title": title, "author": author}.items() if value is not None}
            if told:
                connection.execute(sa.update(books).where(*book).values(told))
            mine = (audiobooks.c.owner_id == owner, audiobooks.c.book_id == facts.book_id)
            more = {"description": description, "is_public": is_public}
            changes = {key: value for key, value in more.items() if value is not None}
            connection.execute(sa.update(audiobooks).where(*mine).values(**changes, updated_at=utcnow()))

        await self._database.write(owner, work)

    async def restart(self, owner: OwnerId, step: str) -> tuple[BookId, JobId]:
        """Order the next job of the audiobook of a dead letter: it does what is missing of all steps. Raises NotFound,
        and Conflict for a step that has not failed or while a job of the book goes on."""
        trace = current_trace()

        def work(connection: sa.Connection) -> tuple[BookId, JobId]:
            found = read_step(connection, owner, step)
            book = found.book_id
            of_book = (jobs.c.owner_id == owner, jobs.c.book_id == book)
            newest = connection.execute(
                sa.select(jobs.c.state, jobs.c.number).where(*of_book).order_by(jobs.c.generation.desc()).limit(1)
            ).one()
            if not JobState(newest.state).closed:
                raise Conflict(f"job {newest.number} is making the book: wait for its end", field="job")
            if found.state is TrackState.COMPLETED:
                raise Conflict("this step is completed: there is nothing to restart", field="job")
            first = connection.execute(
                sa.select(jobs.c.ordered).where(*of_book).order_by(jobs.c.generation).limit(1)
            ).scalar_one()
            last = connection.execute(sa.select(sa.func.max(jobs.c.generation)).where(*of_book)).scalar_one()
            order = BookOrder.model_validate(first).model_copy(update={"generation": last + 1})
            workflow_id = book_workflow_id(book, last + 1)
            wait_again(connection, owner, book)
            create_job(connection, order, workflow_id, trace=trace)
            return book, job_id(workflow_id)

        return await self._database.write(owner, work)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """What names are sorted by: `2.mp3` comes before `10.mp3`."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for sign in f"{name.casefold()}\0":
        if sign.isascii() and sign.isdigit():
            digits += sign
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, sign))
    return tuple(parts)


def _completed(connection: sa.Connection, owner: OwnerId, name: str) -> Upload:
    upload = read_upload(connection, owner, name)
    connection.execute(sa.select(uploads.c.id).where(uploads.c.id == upload.upload_id).with_for_update())
    upload = read_upload(connection, owner, upload.upload_id)
    if upload.book_id is not None:
        raise Conflict(f"audiobook {upload.book_id} was made from this upload", field="upload_id")
    if upload.state is not UploadState.COMPLETED:
        raise Conflict(f"the upload is {upload.state}: hand in all its files first", field="upload_id")
    return upload


def _known(connection: sa.Connection, owner: OwnerId, name: str) -> tuple[BookFacts, "sa.Row[tuple[object, ...]]"]:
    try:
        facts = book_facts(connection, owner, name)
    except NotFound:
        raise NotFound("there is no such audiobook") from None
    query = sa.select(audiobooks).where(audiobooks.c.owner_id == owner, audiobooks.c.book_id == facts.book_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such audiobook")
    return facts, row


def _audiobook(connection: sa.Connection, owner: OwnerId, name: str) -> Audiobook:
    facts, row = _known(connection, owner, name)
    about = row._mapping
    return Audiobook(
        facts=facts,
        description=about["description"],
        is_public=about["is_public"],
        updated_at=about["updated_at"],
        steps=tuple(read_steps(connection, owner, facts.book_id)),
        chapters=tuple(read_chapters(connection, owner, facts.book_id, 1, _ALL)),
        summary=read_outputs(connection, owner, facts.book_id, OutputKind.SUMMARY).get(0),
        tags=read_outputs(connection, owner, facts.book_id, OutputKind.TAGS).get(0),
        chapter_summaries=read_outputs(connection, owner, facts.book_id, OutputKind.CHAPTER_SUMMARY),
    )
