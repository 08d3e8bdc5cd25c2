"""Books as a reader sees them: what there is of each page, and whether more is to come."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.book import NO_SOURCE, ChapterBrief, PageTrouble, TrackState
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from bookwright.store.books.standing import BookFacts, Standing, book_facts, list_books, standing
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import named
from bookwright.store.joins import track_of_page
from bookwright.store.scenes.tables import page_scenes, scenes
from bookwright.store.tables import books, chapters, jobs, page_tracks, pages


class ShelfBook(Payload):
    """A book and its newest job."""

    book_id: BookId
    number: int
    title: str
    author: str | None
    language: str
    """BCP 47; `und` until the text was read."""
    pages: int
    """0 until the text was read."""
    state: JobState
    reason: str | None
    """Why the job is paused, waits, is incomplete or failed; for people."""


class ShelfPage(Payload):
    """What there is of a page: its narration, and pictures and sounds beside it."""

    number: int
    label: str | None
    state: TrackState
    asset: AssetId | None
    """The segment, when the page is spoken."""
    duration_ms: int
    error: str | None
    made_by: str | None
    """The provider, model and voice that spoke it."""
    stand_in: bool
    """Whether that was not the one who was chosen first."""

    image_state: TrackState = TrackState.SKIPPED
    plate: AssetId | None = None
    """Its picture (a `Plate`), when it has one."""
    image_made_by: str | None = None
    image_judged: str | None = None
    """Who held it against the character sheet."""
    image_note: str | None = None
    """What is wrong with it, when it was kept all the same."""
    ambience_state: TrackState = TrackState.SKIPPED
    ambience: AssetId | None = None
    """Its ambient sound (an `Ambience`), when it has one."""
    scene: SoundSketch | None = None
    """What is heard in the scene that it belongs to."""

    @property
    def heard(self) -> AssetId | None:
        """The segment of a page that can be heard."""
        return self.asset if self.state is TrackState.COMPLETED else None


class ShelfPageText(ShelfPage):
    """A page with its text."""

    chapter: int
    text: str
    trouble: PageTrouble | None
    source: str
    """Where the text came from: `text`, `vision:gemini`, `edited`, `none`."""
    version: int
    """Of the text and its take: another one for each edit and each redo."""


class BookOverview(Payload):
    """A whole book at one moment, without its text."""

    book: ShelfBook
    chapters: tuple[ChapterBrief, ...]
    pages: tuple[ShelfPage, ...]


_DRAWN, _SCORED = page_tracks.alias("drawn"), page_tracks.alias("scored")
_CHECKED = page_tracks.alias("checked")
_STANDING = (
    pages.c.number,
    pages.c.label,
    sa.func.coalesce(page_tracks.c.state, TrackState.SKIPPED).label("state"),
    page_tracks.c.asset,
    sa.func.coalesce(page_tracks.c.duration_ms, 0).label("duration_ms"),
    page_tracks.c.error,
    sa.func.coalesce(_DRAWN.c.state, TrackState.SKIPPED).label("image_state"),
    sa.case((_DRAWN.c.state == TrackState.COMPLETED, _DRAWN.c.asset)).label("plate"),
    _DRAWN.c.made_by.label("image_made_by"),
    _CHECKED.c.made_by.label("image_judged"),
    _CHECKED.c.error.label("image_note"),
    sa.func.coalesce(_SCORED.c.state, TrackState.SKIPPED).label("ambience_state"),
    sa.case((_SCORED.c.state == TrackState.COMPLETED, _SCORED.c.asset)).label("ambience"),
    page_tracks.c.made_by,
    sa.func.coalesce(page_tracks.c.stand_in, sa.false()).label("stand_in"),
    scenes.c.sketch.label("scene"),
)

_SOURCE = sa.case((pages.c.trouble.is_not(None), NO_SOURCE), else_=pages.c.source).label("source")
"""What is there of a page whose text is not good counts as nothing."""


def _of_pages(*columns: Any) -> "sa.Select[Any]":
    """Pages with what there is of their tracks, in order."""

    def of(table: Any, track: Track) -> Any:
        return sa.and_(
            table.c.owner_id == pages.c.owner_id,
            table.c.book_id == pages.c.book_id,
            table.c.page == pages.c.number,
            table.c.track == track,
        )

    return (
        sa.select(*_STANDING, *columns)
        .outerjoin(page_tracks, of(page_tracks, Track.NARRATION))
        .outerjoin(_DRAWN, of(_DRAWN, Track.ILLUSTRATIONS))
        .outerjoin(_CHECKED, of(_CHECKED, Track.VALIDATION))
        .outerjoin(_SCORED, of(_SCORED, Track.SOUNDSCAPE))
        .outerjoin(
            page_scenes,
            sa.and_(
                page_scenes.c.owner_id == pages.c.owner_id,
                page_scenes.c.book_id == pages.c.book_id,
                page_scenes.c.page == pages.c.number,
            ),
        )
        .outerjoin(
            scenes,
            sa.and_(
                scenes.c.owner_id == page_scenes.c.owner_id,
                scenes.c.book_id == page_scenes.c.book_id,
                scenes.c.number == page_scenes.c.scene,
            ),
        )
        .order_by(pages.c.number)
    )


class Shelf:
    """Reads books. A book that the owner does not have is one that does not exist: NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, owner: OwnerId, id_or_number: str) -> ShelfBook:
        """A book by its id or its number."""
        return await self._database.read(owner, lambda c: _book(c, owner, id_or_number))

    async def banner(self, owner: OwnerId, book: BookId) -> AssetId | None:
        """The book's first picture (a `Plate`), when it has any."""
        drawn = (page_tracks.c.owner_id == owner, page_tracks.c.book_id == book, page_tracks.c.asset.is_not(None))
        done = (page_tracks.c.track == Track.ILLUSTRATIONS, page_tracks.c.state == TrackState.COMPLETED)
        query = sa.select(page_tracks.c.asset).where(*drawn, *done).order_by(page_tracks.c.page).limit(1)
        return await self._database.read(owner, lambda c: c.execute(query).scalar())

    async def overview(self, owner: OwnerId, id_or_number: str) -> BookOverview:
        """The book, its chapters and the state of all its pages, at one moment."""

        def work(connection: sa.Connection) -> BookOverview:
            book = _book(connection, owner, id_or_number)
            query = _of_pages().where(pages.c.owner_id == owner, pages.c.book_id == book.book_id)
            return BookOverview(
                book=book,
                chapters=_chapters(connection, owner, book.book_id),
                pages=tuple(ShelfPage.model_validate(dict(row._mapping)) for row in connection.execute(query)),
            )

        return await self._database.read(owner, work)

    async def facts(self, owner: OwnerId, id_or_number: str) -> BookFacts:
        """What is known of a book."""
        return await self._database.read(owner, lambda c: book_facts(c, owner, id_or_number))

    async def books(
        self,
        owner: OwnerId,
        limit: int,
        before: int | None = None,
        *,
        states: Collection[JobState] | None = None,
        q: str = "",
    ) -> list[BookFacts]:
        """The owner's books, newest first; `before` is the last number of the list before. Only those whose newest job
        is in one of `states`, and with `q` in their title."""
        where = [] if before is None else [books.c.number < before]
        if states is not None:
            where.append(jobs.c.state.in_(states))
        if q:
            where.append(books.c.title.icontains(q, autoescape=True))
        return await self._database.read(owner, lambda c: list_books(c, owner, limit, *where))

    async def standing(self, owner: OwnerId, id_or_number: str, provider: str) -> Standing:
        """Where a book's pages stand, how fast they come, and how fast those came that `provider` spoke before."""
        return await self._database.read(owner, lambda c: standing(c, owner, id_or_number, provider))

    async def chapters(self, owner: OwnerId, book: BookId) -> tuple[ChapterBrief, ...]:
        """A book's chapters."""
        return await self._database.read(owner, lambda c: _chapters(c, owner, book))

    async def texts(self, owner: OwnerId, book: BookId, first: int, last: int) -> list[ShelfPageText]:
        """The pages from `first` to `last` with their text."""
        query = _of_pages(pages.c.chapter, pages.c.text, pages.c.trouble, _SOURCE, pages.c.version).where(
            pages.c.owner_id == owner, pages.c.book_id == book, pages.c.number.between(first, last)
        )
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        return [ShelfPageText.model_validate(dict(row._mapping)) for row in rows]

    async def readable(self, owner: OwnerId, book: BookId) -> list[int]:
        """The numbers of the pages whose text is final: it is their own, it was read off their picture, or there is
        none to be had."""
        final = sa.or_(
            pages.c.trouble.is_(None),
            sa.func.coalesce(page_tracks.c.state, TrackState.FAILED).not_in(
                (TrackState.PENDING, TrackState.PROCESSING)
            ),
        )
        query = (
            sa.select(pages.c.number)
            .outerjoin(page_tracks, track_of_page(Track.READING))
            .where(pages.c.owner_id == owner, pages.c.book_id == book, final)
            .order_by(pages.c.number)
        )
        return list(await self._database.read(owner, lambda c: c.execute(query).scalars().all()))

    async def page(self, owner: OwnerId, book: BookId, number: int) -> ShelfPageText:
        """One page with its text."""
        found = await self.texts(owner, book, number, number)
        if not found:
            raise NotFound("the book has no such page")
        return found[0]


def _book(connection: sa.Connection, owner: OwnerId, name: str) -> ShelfBook:
    row = connection.execute(sa.select(books).where(books.c.owner_id == owner, named(books, name))).one_or_none()
    if row is None:
        raise NotFound("there is no such book")
    job = connection.execute(
        sa.select(jobs.c.state, jobs.c.paused_reason, jobs.c.warning, jobs.c.error)
        .where(jobs.c.owner_id == owner, jobs.c.book_id == row.id)
        .order_by(jobs.c.generation.desc())
        .limit(1)
    ).one()
    return ShelfBook(
        book_id=row.id,
        number=row.number,
        title=row.title or "Untitled",
        author=row.author,
        language=row.language or "und",
        pages=row.pages,
        state=JobState(job.state),
        reason=job.paused_reason or job.error or job.warning,
    )


def _chapters(connection: sa.Connection, owner: OwnerId, book: BookId) -> tuple[ChapterBrief, ...]:
    query = (
        sa.select(chapters.c.number, chapters.c.title, chapters.c.first_page, chapters.c.last_page)
        .where(chapters.c.owner_id == owner, chapters.c.book_id == book)
        .order_by(chapters.c.number)
    )
    return tuple(ChapterBrief.model_validate(dict(row._mapping)) for row in connection.execute(query))
