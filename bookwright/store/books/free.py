"""Whether a book's pages may be changed now."""

import sqlalchemy as sa

from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.progress import AWAITING_APPROVAL, JobState
from bookwright.store.tables import jobs


def check_free(connection: sa.Connection, owner: OwnerId, book: BookId) -> None:
    """Raise Conflict when somebody may be making pages of the book. Its newest job can't start meanwhile."""
    newest = connection.execute(
        sa.select(jobs.c.number, jobs.c.state, jobs.c.paused_reason)
        .where(jobs.c.owner_id == owner, jobs.c.book_id == book)
        .order_by(jobs.c.generation.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if newest is None:
        raise NotFound("there is no such book")
    state = JobState(newest.state)
    reviewed = state is JobState.PAUSED and newest.paused_reason == AWAITING_APPROVAL
    if not (state.closed or state is JobState.QUEUED or reviewed):
        raise Conflict(f"job {newest.number} is making the book: wait for its end, or cancel it", field="page")
