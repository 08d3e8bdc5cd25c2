"""What pages are narrated by, besides their text."""

import sqlalchemy as sa

from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.store import NarrationNotes
from bookwright.store.joins import track_of_page
from bookwright.store.lexicons.store import read_lexicon
from bookwright.store.tables import page_tracks, pages

NEAR = 64
"""Pages before and after a batch that are looked at for who spoke them."""


def narration_notes(connection: sa.Connection, batch: PageBatch) -> NarrationNotes:
    """The book's pronunciations, and who spoke the pages of the chapter near the batch."""
    owner, book = batch.context.owner_id, batch.context.book_id
    spoken = (
        sa.select(pages.c.number, page_tracks.c.made_by)
        .join(page_tracks, track_of_page(Track.NARRATION))
        .where(pages.c.owner_id == owner, pages.c.book_id == book, pages.c.chapter == batch.chapter)
        .where(pages.c.number.between(batch.first_page - NEAR, batch.last_page + NEAR))
        .where(page_tracks.c.state == TrackState.COMPLETED, page_tracks.c.made_by.is_not(None))
    )
    return NarrationNotes(
        lexicon=read_lexicon(connection, owner, book).entries,
        spoken_by={row.number: row.made_by for row in connection.execute(spoken)},
    )
