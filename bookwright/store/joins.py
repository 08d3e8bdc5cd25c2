"""How tables that are read together belong together."""

import sqlalchemy as sa

from bookwright.contracts.orders import Track
from bookwright.store.tables import page_tracks, pages


def track_of_page(
    track: "Track | sa.BindParameter[Track]", rows: "sa.FromClause" = page_tracks
) -> "sa.ColumnElement[bool]":
    """That `rows`, `page_tracks` or an alias of it, is about this track of the page in `pages`."""
    return sa.and_(same_page(rows), rows.c.track == track)


def same_page(rows: "sa.FromClause" = page_tracks) -> "sa.ColumnElement[bool]":
    """That `rows`, `page_tracks` or an alias of it, is about the page in `pages`."""
    return sa.and_(
        rows.c.owner_id == pages.c.owner_id, rows.c.book_id == pages.c.book_id, rows.c.page == pages.c.number
    )
