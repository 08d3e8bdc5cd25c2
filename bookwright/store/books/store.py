"""Books and jobs as activities read and write them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.aliases import Alias
from bookwright.contracts.book import BookPlan, BoundFile, ChapterBrief, PageBatch, SourceText, TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId, job_id
from bookwright.contracts.orders import BookContext, BookOrder, Edition
from bookwright.contracts.ports.store import NarrationNotes, PageOutcome
from bookwright.contracts.progress import OF_PAGES, JobEnd, JobState, StageChange, StageName
from bookwright.contracts.stories import PageRewrite
from bookwright.store.blobs import KNOWN_AT_ONCE, record_blob
from bookwright.store.books.drafts import asked_anew, document_of, unread, write_draft
from bookwright.store.books.files import bound_file, drop_file, write_aliases, write_file
from bookwright.store.books.notes import narration_notes
from bookwright.store.books.pages import PageStore
from bookwright.store.books.source import add_tracks, change_style, change_voice, write_source
from bookwright.store.books.takes import replace_made
from bookwright.store.books.versions import change_text, page_version, rewrite
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import insert
from bookwright.store.jobs.closing import close_job
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.jobs.writes import (
    OPEN,
    change_job,
    create_job,
    freeze_counts,
    set_budget,
    start_job,
)
from bookwright.store.lexicons.store import write_pronounced
from bookwright.store.tables import books, chapters, files, renditions, stages

_ENDED = (TrackState.COMPLETED, TrackState.FAILED, TrackState.SKIPPED)


class BookStore(PageStore):
    """The `Books` port on the database. Each write is one transaction with its event."""

    async def open_job(self, order: BookOrder, workflow_id: str) -> JobId:
        """Make sure that the book and the job exist and say that the job runs. Safe to repeat."""
        job = job_id(workflow_id)
        source = await self._assets.describe(order.source_asset) if order.source_asset else None

        def work(connection: sa.Connection) -> None:
            if create_job(connection, order, workflow_id) and source is not None:
                record_blob(connection, order.owner_id, source)
            start_job(connection, order.owner_id, job)

        await self._database.write(order.owner_id, work)
        return job

    async def save_source(self, plan: BookPlan, author: str | None, source: SourceText) -> None:
        """Write the chapters and pages of the source text, replacing none that is already there with the same text;
        a page whose text differs gets a new version and its tracks become pending. Safe to repeat."""
        await self._database.write(plan.context.owner_id, lambda c: write_source(c, plan, author, source))

    async def save_draft(self, plan: BookPlan, author: str | None, source: SourceText) -> None:
        """Write the pages of a text that is not whole yet: some are to be read off their pictures. Does nothing for a
        book that has pages. Safe to repeat."""
        await self._database.write(plan.context.owner_id, lambda c: write_draft(c, plan, author, source))

    async def unread(self, owner: OwnerId, book: BookId) -> list[int]:
        """The numbers of the pages that have no good text, each with its track of being read off its picture. Safe to
        repeat."""
        return await self._database.write(owner, lambda c: unread(c, owner, book))

    async def asked_anew(self, owner: OwnerId, book: BookId) -> list[int]:
        """The numbers of the pages that have a text, and that somebody wants to be read off their pictures."""
        return await self._database.read(owner, lambda c: asked_anew(c, owner, book))

    async def document(self, owner: OwnerId, book: BookId) -> AssetId | None:
        """The PDF that the book was read from, if it was."""
        return await self._database.read(owner, lambda c: document_of(c, owner, book))

    async def was_read(self, owner: OwnerId, book: BookId) -> bool:
        """Whether the book's text was saved as a whole."""
        query = sa.select(books.c.source_at).where(books.c.owner_id == owner, books.c.id == book)
        return await self._database.read(owner, lambda c: c.execute(query).scalar()) is not None

    async def load_plan(self, order: BookOrder, job: JobId) -> BookPlan:
        """The plan of a book whose source was saved before: its own title and language, the order's tracks, editions
        and priority, and the order's voice and style, in which all is to be narrated and illustrated anew if the book
        had others. Raises NotFound."""

        def work(connection: sa.Connection) -> BookPlan:
            query = sa.select(books).where(books.c.owner_id == order.owner_id, books.c.id == order.book_id)
            row = connection.execute(query).one_or_none()
            if row is None or row.source_at is None:
                raise NotFound("there is no such book, or its text was never read")
            context = BookContext(
                owner_id=order.owner_id,
                book_id=order.book_id,
                job_id=job,
                title=row.title,
                language=row.language,
                voice=order.voice or row.voice,
                editions=order.editions,
                tracks=order.tracks,
                pages=row.pages,
                priority=order.priority,
                style=order.style,
                pictures=order.pictures,
            )
            if context.voice != row.voice:
                change_voice(connection, context)
            change_style(connection, context, row.style)
            add_tracks(connection, context)
            return BookPlan(context=context, chapters=row.chapters, words=row.words)

        return await self._database.write(order.owner_id, work)

    async def chapters(self, owner: OwnerId, book: BookId, first: int, limit: int) -> list[ChapterBrief]:
        """Up to `limit` chapters, from number `first` on."""
        query = (
            sa.select(chapters)
            .where(chapters.c.owner_id == owner, chapters.c.book_id == book, chapters.c.number >= first)
            .order_by(chapters.c.number)
            .limit(limit)
        )
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        return [
            ChapterBrief(number=row.number, title=row.title, first_page=row.first_page, last_page=row.last_page)
            for row in rows
        ]

    async def narration_notes(self, batch: PageBatch) -> NarrationNotes:
        """What the batch is narrated by: the book's pronunciations, and who spoke the chapter's pages near it."""
        return await self._database.read(batch.context.owner_id, lambda c: narration_notes(c, batch))

    async def save_pronounced(self, context: BookContext, segment: AssetId, mark: str) -> None:
        """Note by which of the book's pronunciations a page's sound was made. Safe to repeat."""
        await self._database.write(
            context.owner_id, lambda c: write_pronounced(c, context.owner_id, context.book_id, segment, mark)
        )

    async def stage(self, context: BookContext, *changes: StageChange) -> None:
        """Begin or end stages; times are set once. Safe to repeat. A track's counts follow from its pages."""
        await self._database.write(context.owner_id, lambda c: _change_stages(c, context, changes))

    async def hold(self, owner: OwnerId, job: JobId, reason: str | None, *, paused: bool) -> None:
        """Mark the job as paused for a reason, as running but waiting for a provider (a reason, not paused), or as
        running. A closed job stays as it is."""
        state = JobState.PAUSED if paused else JobState.RUNNING

        def work(connection: sa.Connection) -> None:
            if change_job(connection, owner, job, OPEN, state=state, paused_reason=reason, only_if_new=True):
                append_event(connection, owner, job, EventKind.HOLD, {"paused": paused, "reason": reason})

        await self._database.write(owner, work)

    async def set_budget(self, owner: OwnerId, job: JobId, cap_micros: int) -> None:
        """Set the order's budget. Raises NotFound."""
        await self._database.write(owner, lambda c: set_budget(c, owner, job, cap_micros))

    async def replace_made(
        self, context: BookContext, outcome: PageOutcome, instead_of: AssetId, *, keep: bool
    ) -> bool:
        """Put what was made of a page's track anew in place of what is there, which is kept as a version if `keep` says
        so; else only what is said of it is replaced, and it stays who made it. False, with nothing changed, when
        something else is there by now. Safe to repeat."""
        blob = await self._assets.describe(outcome.asset) if outcome.asset else None

        def work(connection: sa.Connection) -> bool:
            if blob is not None:
                record_blob(connection, context.owner_id, blob)
            return replace_made(connection, context, outcome, instead_of, keep=keep)

        return await self._database.write(context.owner_id, work)

    async def change_text(self, context: BookContext, page: int, old: str, new: str) -> None:
        """Give a page of the job's book another text, unless it has another one than `old` by now. Its narration is to
        be made anew; the old text is kept as a version. Safe to repeat."""
        await self._database.write(
            context.owner_id, lambda c: change_text(c, context.owner_id, context.book_id, page, old, new)
        )

    async def page_version(self, owner: OwnerId, book: BookId, page: int) -> int:
        """Which version of its text a page is at. Raises NotFound."""
        return await self._database.read(owner, lambda c: page_version(c, owner, book, page))

    async def rewrite(self, owner: OwnerId, book: BookId, wanted: PageRewrite, text: str) -> None:
        """Give a page another text, unless it is at another version than `wanted` by now. Its narration is to be made
        anew; the old text is kept as a version. Safe to repeat."""
        await self._database.write(owner, lambda c: rewrite(c, owner, book, wanted, text))

    async def save_file(self, context: BookContext, file: BoundFile, recipe: str) -> None:
        """Record a bound file; `recipe` is the hash of all that it was made from. Replaces the one before it."""
        await self._database.write(context.owner_id, lambda c: write_file(c, context, file, recipe))

    async def file(
        self, owner: OwnerId, book: BookId, edition: Edition, chapter: int | None, recipe: str
    ) -> BoundFile | None:
        """The file already bound from exactly this recipe."""
        query = sa.select(files).where(
            files.c.owner_id == owner,
            files.c.book_id == book,
            files.c.edition == edition,
            files.c.chapter == (chapter or 0),
            files.c.recipe == recipe,
        )
        row = await self._database.read(owner, lambda c: c.execute(query).one_or_none())
        return None if row is None else bound_file(row)

    async def files(self, owner: OwnerId, book: BookId) -> list[BoundFile]:
        """All files of a book."""
        query = (
            sa.select(files)
            .where(files.c.owner_id == owner, files.c.book_id == book)
            .order_by(files.c.edition, files.c.chapter)
        )
        return [bound_file(row) for row in await self._database.read(owner, lambda c: c.execute(query).all())]

    async def drop_file(self, owner: OwnerId, book: BookId, edition: Edition, chapter: int | None) -> None:
        """Forget a bound file, which is not what it would be bound from now. Safe to repeat."""

        await self._database.write(owner, lambda c: drop_file(c, owner, book, edition, chapter))

    async def renditions(self, owner: OwnerId, book: BookId, recipes: Sequence[str]) -> dict[str, AssetId]:
        """What has been made from these recipes already."""
        found: dict[str, AssetId] = {}
        for start in range(0, len(recipes), KNOWN_AT_ONCE):
            query = sa.select(renditions.c.recipe, renditions.c.asset).where(
                renditions.c.owner_id == owner,
                renditions.c.book_id == book,
                renditions.c.recipe.in_(recipes[start : start + KNOWN_AT_ONCE]),
            )
            rows = await self._database.read(owner, partial(_rows, query))
            found |= {row.recipe: AssetId(row.asset) for row in rows}
        return found

    async def save_rendition(self, context: BookContext, recipe: str, asset: AssetId) -> None:
        """Record what was made from a recipe, the hash of all that went into it."""
        blob = await self._assets.describe(asset)
        row = {"owner_id": context.owner_id, "book_id": context.book_id, "recipe": recipe, "asset": asset}

        def work(connection: sa.Connection) -> None:
            record_blob(connection, context.owner_id, blob)
            statement = insert(connection, renditions).values(row)
            keys = ["owner_id", "book_id", "recipe"]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"asset": asset}))

        await self._database.write(context.owner_id, work)

    async def save_aliases(self, owner: OwnerId, book: BookId, names: Sequence[Alias]) -> None:
        """Put assets that have rows behind their public keys, in place of what was there. Safe to repeat."""
        await self._database.write(owner, lambda c: write_aliases(c, owner, book, names))

    async def close_job(self, end: JobEnd) -> None:
        """Record how the job ended, with the stages that have, or that it is to be begun again. A closed job stays as
        it is."""

        def work(connection: sa.Connection) -> None:
            if end.stages is not None:
                _change_stages(connection, end.stages.context, end.stages.changes)
            ended = (end.state, end.warning, end.error)
            close_job(connection, end.owner_id, end.job_id, *ended, may_retry=end.may_retry)

        await self._database.write(end.owner_id, work)


def _rows(query: "sa.Select[Any]", connection: sa.Connection) -> "Sequence[sa.Row[*tuple[Any, ...]]]":
    return connection.execute(query).all()


def _stage(context: BookContext, name: StageName) -> tuple[sa.ColumnElement[bool], ...]:
    return stages.c.owner_id == context.owner_id, stages.c.job_id == context.job_id, stages.c.name == name


def _change_stages(connection: sa.Connection, context: BookContext, changes: Sequence[StageChange]) -> None:
    for change in changes:
        _change_stage(connection, context, change)


def _change_stage(connection: sa.Connection, context: BookContext, change: StageChange) -> None:
    now = utcnow()
    name, state, total = change.name, change.state, change.total
    fresh = {
        "owner_id": context.owner_id,
        "job_id": context.job_id,
        "name": name,
        "state": TrackState.PENDING,
        "done": 0,
        "failed": 0,
        "total": 0,
    }
    connection.execute(insert(connection, stages).values(fresh).on_conflict_do_nothing())
    if name in OF_PAGES and state in _ENDED:
        freeze_counts(connection, context.owner_id, context.job_id, name)
    changes: dict[str, Any] = {
        "state": state,
        "total": stages.c.total if total is None else total,
        "started_at": sa.func.coalesce(stages.c.started_at, sa.literal(now, stages.c.started_at.type)),
    }
    if state in _ENDED:
        changes["completed_at"] = now
    if name not in OF_PAGES:
        changes |= {"done": change.done, "failed": change.failed}
    same = sa.and_(stages.c.state == state, stages.c.total == (stages.c.total if total is None else total))
    statement = sa.update(stages).where(*_stage(context, name), stages.c.completed_at.is_(None), sa.not_(same))
    if connection.execute(statement.values(changes)).rowcount:
        told = {"stage": name, "state": state, "total": total}
        append_event(connection, context.owner_id, context.job_id, EventKind.STAGE, told)
