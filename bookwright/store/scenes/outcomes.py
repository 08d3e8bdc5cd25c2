"""What becomes of the soundscape of pages: many at once, each with its event."""

from collections.abc import Sequence

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.scenes import Failure
from bookwright.store.database.statements import among
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.tables import page_tracks


def begin_pages(connection: sa.Connection, context: BookContext, pages: Sequence[int]) -> None:
    """Mark those of the pages that have no sound as being worked on."""
    waiting = page_tracks.c.state.not_in((TrackState.COMPLETED, TrackState.PROCESSING))
    begun = {"state": TrackState.PROCESSING, "error_type": None, "error": None}
    statement = sa.update(page_tracks).where(*_these(connection, context, pages), waiting).values(begun)
    if pages and connection.execute(statement).rowcount:
        told = {"track": Track.SOUNDSCAPE, "first": min(pages), "last": max(pages), "state": TrackState.PROCESSING}
        append_event(connection, context.owner_id, context.job_id, EventKind.PAGES, told)


def end_pages(
    connection: sa.Connection,
    context: BookContext,
    pages: Sequence[int],
    state: TrackState,
    *,
    asset: AssetId | None = None,
    duration_ms: int = 0,
    made_by: str | None = None,
    stand_in: bool = False,
    failure: Failure | None = None,
) -> list[int]:
    """Record the outcome of the pages that have none like it; of those that have a sound only another sound. Answers
    which pages those were."""
    if not pages:
        return []
    news = page_tracks.c.state != state
    if state is TrackState.COMPLETED:
        news = sa.or_(news, page_tracks.c.asset.is_distinct_from(asset))
    else:
        news = sa.and_(news, page_tracks.c.state != TrackState.COMPLETED)
    ended = {
        "state": state,
        "asset": asset,
        "duration_ms": duration_ms,
        "made_by": made_by,
        "stand_in": stand_in,
        "error_type": failure and failure.error_type,
        "error": failure and failure.message,
    }
    statement = sa.update(page_tracks).where(*_these(connection, context, pages), news).values(ended)
    changed = sorted(connection.execute(statement.returning(page_tracks.c.page)).scalars())
    for page in changed:
        told = {
            "page": page,
            "track": Track.SOUNDSCAPE,
            "state": state,
            "duration_ms": duration_ms,
            "error_type": failure and failure.error_type,
        }
        append_event(connection, context.owner_id, context.job_id, EventKind.PAGE, told)
    return changed


def without_sound(connection: sa.Connection, context: BookContext, pages: Sequence[int]) -> list[int]:
    """Those of the pages whose soundscape failed."""
    failed = page_tracks.c.state == TrackState.FAILED
    query = sa.select(page_tracks.c.page).where(*_these(connection, context, pages), failed)
    return sorted(connection.execute(query).scalars())


def _these(
    connection: sa.Connection, context: BookContext, pages: Sequence[int]
) -> "tuple[sa.ColumnElement[bool], ...]":
    return (
        page_tracks.c.owner_id == context.owner_id,
        page_tracks.c.book_id == context.book_id,
        page_tracks.c.track == Track.SOUNDSCAPE,
        among(connection, page_tracks.c.page, list(pages)),
    )
