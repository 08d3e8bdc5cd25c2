"""Which books lack something that a batch could make."""

from typing import Literal

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from bookwright.store.database.engine import Database
from bookwright.store.tables import books, jobs, page_tracks


async def books_lacking(
    database: Database, owner: OwnerId, what: Literal["soundscapes", "rest"], limit: int = 500
) -> list[BookId]:
    """The owner's books with pages, and without a job under way, of which some page has no soundscape, or whose newest
    job left something out; oldest first."""
    same_book = (jobs.c.owner_id == books.c.owner_id, jobs.c.book_id == books.c.id)
    newest = sa.select(sa.func.max(jobs.c.generation)).where(*same_book).correlate(books).scalar_subquery()
    query = (
        sa.select(books.c.id)
        .join(jobs, sa.and_(*same_book))
        .where(books.c.owner_id == owner, books.c.pages > 0, jobs.c.generation == newest)
        .where(jobs.c.state.in_([state for state in JobState if state.closed]))
        .order_by(books.c.number)
        .limit(limit)
    )
    if what == "rest":
        query = query.where(sa.or_(jobs.c.state != JobState.DONE, jobs.c.warning.is_not(None)))
    else:
        heard = (
            sa.select(sa.func.count())
            .where(
                page_tracks.c.owner_id == books.c.owner_id,
                page_tracks.c.book_id == books.c.id,
                page_tracks.c.track == Track.SOUNDSCAPE,
                page_tracks.c.state.in_((TrackState.COMPLETED, TrackState.SKIPPED)),
            )
            .correlate(books)
            .scalar_subquery()
        )
        query = query.where(heard < books.c.pages)
    return [BookId(book) for book in await database.read(owner, lambda c: c.execute(query).scalars().all())]
