"""Pages and what has become of their tracks: the store's busiest part."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import PageText, TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.store import BindingChapter, BindingMaterial, PageOutcome, PageSegment, PageWork
from bookwright.contracts.scenes import ErrorKind, Failure
from bookwright.store.blobs import Catalogue, record_blob
from bookwright.store.books.drafts import write_reading
from bookwright.store.books.files import write_aliases
from bookwright.store.database.engine import Database
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.joins import same_page, track_of_page
from bookwright.store.ledger.tables import assets
from bookwright.store.scenes.errors import write_errors
from bookwright.store.tables import books, chapters, page_tracks, pages

_P = sa.bindparam
_TEXT = (pages.c.number, pages.c.chapter, pages.c.text, pages.c.label, pages.c.trouble, pages.c.source)

_OUTCOME = (
    sa.update(page_tracks)
    .where(
        page_tracks.c.owner_id == _P("p_owner"),
        page_tracks.c.book_id == _P("p_book"),
        page_tracks.c.track == _P("p_track"),
        page_tracks.c.page == _P("p_page"),
        page_tracks.c.state != TrackState.COMPLETED,
        page_tracks.c.state != _P("p_state"),
    )
    .values(
        state=_P("p_state"),
        asset=_P("p_asset"),
        duration_ms=_P("p_duration"),
        error_type=_P("p_error_type"),
        error=_P("p_error"),
        made_by=_P("p_made_by"),
        stand_in=_P("p_stand_in"),
    )
)
_RANGE = (
    page_tracks.c.owner_id == _P("p_owner"),
    page_tracks.c.book_id == _P("p_book"),
    page_tracks.c.track == _P("p_track"),
    page_tracks.c.page.between(_P("p_first"), _P("p_last")),
)
_BEGIN = (
    sa.update(page_tracks)
    .where(*_RANGE, page_tracks.c.state.not_in((TrackState.COMPLETED, TrackState.PROCESSING)))
    .values(state=TrackState.PROCESSING, error_type=None, error=None)
)
_TO_DO = (
    sa.select(*_TEXT, pages.c.version, page_tracks.c.take)
    .join(page_tracks, same_page())
    .where(*_RANGE, page_tracks.c.state != TrackState.COMPLETED)
    .order_by(pages.c.number)
)
_MADE = (
    sa.select(page_tracks.c.page, page_tracks.c.asset)
    .where(*_RANGE, page_tracks.c.state == TrackState.COMPLETED, page_tracks.c.asset.is_not(None))
    .order_by(page_tracks.c.page)
)
_KINDS = {Track.ANALYSIS: ErrorKind.ANALYSIS, Track.SOUNDSCAPE: ErrorKind.SOUNDSCAPE}
"""The tracks whose failures are recorded for their spread, too."""
_COUNTS = sa.select(page_tracks.c.state, sa.func.count()).where(*_RANGE).group_by(page_tracks.c.state)


class PageStore:
    """The part of `BookStore` that is about pages."""

    def __init__(self, database: Database, assets: Catalogue) -> None:
        self._database = database
        self._assets = assets

    async def pages(self, owner: OwnerId, book: BookId, first: int, last: int) -> list[PageText]:
        """The pages from `first` to `last` as they are now."""
        query = (
            sa.select(*_TEXT)
            .where(pages.c.owner_id == owner, pages.c.book_id == book, pages.c.number.between(first, last))
            .order_by(pages.c.number)
        )
        return [_text(row) for row in await self._database.read(owner, lambda c: c.execute(query).all())]

    async def begin_pages(self, context: BookContext, track: Track, first: int, last: int) -> list[PageWork]:
        """Mark the range's pages whose track is not completed as processing, and answer them in order."""
        parameters = _range(context.owner_id, context.book_id, track, first, last)

        def work(connection: sa.Connection) -> list[PageWork]:
            if connection.execute(_BEGIN, parameters).rowcount:
                begun = {"track": track, "first": first, "last": last, "state": TrackState.PROCESSING}
                append_event(connection, context.owner_id, context.job_id, EventKind.PAGES, begun)
            rows = connection.execute(_TO_DO, parameters).all()
            return [PageWork(page=_text(row), take=row.take, version=row.version) for row in rows]

        return await self._database.write(context.owner_id, work)

    async def page_outcome(self, context: BookContext, outcome: PageOutcome) -> None:
        """Record a page's outcome and its event. Repeating it, or reporting a failure of a page that is completed,
        changes nothing. The stage's progress follows from the pages, so that the two can't differ."""
        blob = await self._assets.describe(outcome.asset) if outcome.asset else None
        parameters = {
            "p_owner": context.owner_id,
            "p_book": context.book_id,
            "p_track": outcome.track,
            "p_page": outcome.page,
            "p_state": outcome.state,
            "p_asset": outcome.asset,
            "p_duration": outcome.duration_ms,
            "p_error_type": outcome.error_type,
            "p_error": outcome.error,
            "p_made_by": outcome.made_by,
            "p_stand_in": outcome.stand_in,
        }
        told = {
            "page": outcome.page,
            "track": outcome.track,
            "state": outcome.state,
            "duration_ms": outcome.duration_ms,
            "error_type": outcome.error_type,
        }

        def work(connection: sa.Connection) -> None:
            if blob is not None:
                record_blob(connection, context.owner_id, blob)
            if connection.execute(_OUTCOME, parameters).rowcount:
                write_aliases(connection, context.owner_id, context.book_id, outcome.aliases)
                if outcome.read is not None:
                    write_reading(connection, context, outcome.read, outcome.instead_of)
                append_event(connection, context.owner_id, context.job_id, EventKind.PAGE, told)
                if outcome.state is TrackState.FAILED and outcome.track in _KINDS:
                    write_errors(connection, context, [outcome.page], _KINDS[outcome.track], _failure(outcome))

        await self._database.write(context.owner_id, work)

    async def made(self, owner: OwnerId, book: BookId, track: Track, first: int, last: int) -> dict[int, AssetId]:
        """What has been made of a track for the range's pages, by the page; the others are left out."""
        parameters = _range(owner, book, track, first, last)
        rows = await self._database.read(owner, lambda c: c.execute(_MADE, parameters).all())
        return {row.page: AssetId(row.asset) for row in rows}

    async def track_counts(
        self, owner: OwnerId, book: BookId, track: Track, first: int, last: int
    ) -> dict[TrackState, int]:
        """How many of the range's pages are in each state; states that none is in are left out."""
        parameters = _range(owner, book, track, first, last)
        rows = await self._database.read(owner, lambda c: c.execute(_COUNTS, parameters).all())
        return {TrackState(state): count for state, count in rows}

    async def binding_material(self, owner: OwnerId, book: BookId, chapter: int | None) -> BindingMaterial:
        """What one chapter, or the whole book, is bound from. Raises NotFound."""
        return await self._database.read(owner, lambda c: _material(c, owner, book, chapter))


def _material(connection: sa.Connection, owner: OwnerId, book: BookId, chapter: int | None) -> BindingMaterial:
    about = connection.execute(
        sa.select(books.c.author, books.c.chapters, books.c.source_at).where(
            books.c.owner_id == owner, books.c.id == book
        )
    ).one_or_none()
    titles = (
        sa.select(chapters.c.number, chapters.c.title)
        .where(chapters.c.owner_id == owner, chapters.c.book_id == book)
        .order_by(chapters.c.number)
    )
    drawn = page_tracks.alias("drawn")
    paper = assets.alias("paper")
    illustrated = sa.and_(track_of_page(Track.ILLUSTRATIONS, drawn), drawn.c.state == TrackState.COMPLETED)
    on_paper = sa.and_(paper.c.owner_id == drawn.c.owner_id, paper.c.hash == drawn.c.asset)
    made = sa.and_(assets.c.owner_id == page_tracks.c.owner_id, assets.c.hash == page_tracks.c.asset)
    segments = (
        sa.select(
            pages.c.chapter,
            pages.c.number,
            pages.c.version,
            pages.c.label,
            pages.c.trouble,
            page_tracks.c.state,
            page_tracks.c.asset,
            page_tracks.c.duration_ms,
            page_tracks.c.error,
            assets.c.created_at,
            drawn.c.asset.label("plate"),
            paper.c.created_at.label("drawn_at"),
        )
        .outerjoin(page_tracks, track_of_page(Track.NARRATION))
        .outerjoin(assets, made)
        .outerjoin(drawn, illustrated)
        .outerjoin(paper, on_paper)
        .where(pages.c.owner_id == owner, pages.c.book_id == book)
        .order_by(pages.c.number)
    )
    if chapter is not None:
        titles = titles.where(chapters.c.number == chapter)
        segments = segments.where(pages.c.chapter == chapter)
    found = connection.execute(titles).all()
    if about is None or about.source_at is None or not found:
        raise NotFound("there is no such book or chapter")
    by_chapter: dict[int, list[PageSegment]] = {row.number: [] for row in found}
    seen_at = heard_at = about.source_at
    for row in connection.execute(segments):
        asset = AssetId(row.asset) if row.asset and row.state == TrackState.COMPLETED else None
        if asset:
            heard_at = max(heard_at, row.created_at)
        if row.plate:
            seen_at = max(seen_at, row.drawn_at)
        by_chapter[row.chapter].append(
            PageSegment(
                number=row.number,
                asset=asset,
                duration_ms=row.duration_ms if asset else 0,
                plate=row.plate,
                version=row.version,
                label=row.label,
                trouble=row.trouble,
                error=row.error,
            )
        )
    return BindingMaterial(
        author=about.author,
        chapter_count=about.chapters,
        seen_changed_at=seen_at,
        changed_at=max(seen_at, heard_at),
        chapters=tuple(
            BindingChapter(number=row.number, title=row.title, pages=tuple(by_chapter[row.number])) for row in found
        ),
    )


def _text(row: "sa.Row[*tuple[Any, ...]]") -> PageText:
    return PageText(
        number=row.number,
        chapter=row.chapter,
        text=row.text,
        label=row.label,
        trouble=row.trouble,
        source=row.source,
    )


def _failure(outcome: PageOutcome) -> Failure:
    return Failure(
        error_type=outcome.error_type or "Error",
        message=outcome.error or "",
        attempt=outcome.attempts,
        trace=outcome.trace,
    )


def _range(owner: OwnerId, book: BookId, track: Track, first: int, last: int) -> dict[str, object]:
    return {"p_owner": owner, "p_book": book, "p_track": track, "p_first": first, "p_last": last}
