"""A book's scenes and soundscapes in numbers."""

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.scenes import SoundscapeFigures
from bookwright.store.scenes.tables import scenes, soundscapes


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
    return SoundscapeFigures(
        scenes=total,
        soundscapes=len(rows),
        bought=sum(not row.borrowed for row in rows),
        reused=sum(again),
        cost_micros=sum(row.cost_micros for row in rows if not row.borrowed),
        saved_micros=sum(count * row.cost_micros for count, row in zip(again, rows, strict=True)),
    )
