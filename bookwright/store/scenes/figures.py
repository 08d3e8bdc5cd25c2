"""A book's scenes and soundscapes in numbers."""

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.scenes import SoundscapeFigures
from bookwright.store.joins import track_of_page
from bookwright.store.scenes.tables import scenes, soundscapes
from bookwright.store.tables import page_tracks, pages


def count_spreads(connection: sa.Connection, owner: OwnerId, book: BookId) -> tuple[int, int]:
    """How many spreads the book has, and of how many all pages have their sound, or need none."""
    heard = page_tracks.c.state.in_((TrackState.COMPLETED, TrackState.SKIPPED))
    spread = sa.cast((pages.c.number - 1) // 2, sa.Integer)
    by_spread = (
        sa.select(spread.label("spread"), sa.func.count().label("pages"), sa.func.count().filter(heard).label("heard"))
        .select_from(pages)
        .outerjoin(page_tracks, track_of_page(Track.SOUNDSCAPE))
        .where(pages.c.owner_id == owner, pages.c.book_id == book)
        .group_by(spread)
        .subquery()
    )
    processed = sa.func.count().filter(by_spread.c.pages == by_spread.c.heard)
    row = connection.execute(sa.select(sa.func.count(), processed).select_from(by_spread)).one()
    return row[0], row[1]


def read_figures(connection: sa.Connection, owner: OwnerId, book: BookId) -> SoundscapeFigures:
    """How many there are, how many were reused, and what that saved."""
    total = connection.execute(
        sa.select(sa.func.count()).where(scenes.c.owner_id == owner, scenes.c.book_id == book)
    ).scalar_one()
    used = (
        sa.select(
            soundscapes.c.cost_micros,
            soundscapes.c.borrowed,
            sa.select(sa.func.count())
            .where(
                scenes.c.owner_id == soundscapes.c.owner_id,
                scenes.c.book_id == soundscapes.c.book_id,
                scenes.c.soundscape == soundscapes.c.number,
            )
            .correlate(soundscapes)
            .scalar_subquery()
            .label("scenes"),
        )
        .where(soundscapes.c.owner_id == owner, soundscapes.c.book_id == book)
        .where(soundscapes.c.state == TrackState.COMPLETED)
    )
    rows = [row for row in connection.execute(used) if row.scenes]
    again = [row.scenes - (not row.borrowed) for row in rows]
    spreads, processed = count_spreads(connection, owner, book)
    return SoundscapeFigures(
        spreads=spreads,
        processed=processed,
        scenes=total,
        soundscapes=len(rows),
        bought=sum(not row.borrowed for row in rows),
        reused=sum(again),
        cost_micros=sum(row.cost_micros for row in rows if not row.borrowed),
        saved_micros=sum(count * row.cost_micros for count, row in zip(again, rows, strict=True)),
    )
