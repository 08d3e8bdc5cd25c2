"""What is left to make of a book."""

from collections.abc import Collection

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.store.database.engine import Database
from bookwright.store.joins import track_of_page
from bookwright.store.tables import page_tracks, pages


async def lengths_to_make(
    database: Database,
    owner: OwnerId,
    book: BookId,
    track: Track,
    *,
    all_pages: bool,
    also: Collection[int] = (),
) -> list[int]:
    """The length in characters of each page that a next job would make the track of: those that have it not and those
    named by `also`, or all of them."""
    there = sa.and_(track_of_page(track), page_tracks.c.state == TrackState.COMPLETED)
    query = (
        sa.select(sa.func.length(pages.c.text))
        .outerjoin(page_tracks, there)
        .where(pages.c.owner_id == owner, pages.c.book_id == book, pages.c.trouble.is_(None))
        .order_by(pages.c.number)
    )
    if not all_pages:
        query = query.where(page_tracks.c.page.is_(None) | pages.c.number.in_(also))
    return list(await database.read(owner, lambda c: c.execute(query).scalars().all()))
