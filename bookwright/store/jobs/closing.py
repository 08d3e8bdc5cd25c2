"""How a job ends: closed for good, or put back into the queue after it failed; and what follows one that is done. Each
is part of a caller's transaction."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import OwnerId, book_workflow_id, retry_workflow_id
from bookwright.contracts.orders import BookOrder, ExistingBook, Track, editions_with
from bookwright.contracts.progress import OF_PAGES, JobState
from bookwright.money.usd import from_micros
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.jobs.writes import OPEN, change_job, create_job, freeze_counts
from bookwright.store.joins import track_of_page
from bookwright.store.ledger.budgets import left_of_job
from bookwright.store.tables import books, jobs, page_tracks, pages, stages

FIRST_WAIT = timedelta(seconds=2)
"""How long a job that failed waits before it is begun again; twice as long after each further time."""
LONGEST_WAIT = timedelta(minutes=5)
MOST_PLACES = 5
"""Chapters, and pages of each, that a warning names."""


def close_job(
    connection: sa.Connection,
    owner: str,
    job: str,
    state: JobState,
    warning: str | None,
    error: str | None,
    *,
    may_retry: bool = False,
) -> None:
    """Record how a job ended; a closed job stays as it is. One that failed and `may_retry` goes back into the queue as
    often as its order says. Its stages keep the counts that they had; one that was under way ends as skipped or failed,
    and pages that nobody works on any more are pending again. A job that is done warns of what another provider than
    the one chosen has made, and the job that its order wants next is ordered."""
    now = utcnow()
    if state is JobState.FAILED and may_retry and _again(connection, owner, job, error, now):
        return
    if state is JobState.DONE:
        warned = (warning, *_stand_ins(connection, owner, job), *_changes_of_voice(connection, owner, job))
        warning = " and ".join(filter(None, warned)) or None
    closed: dict[str, Any] = {
        "state": state,
        "warning": warning,
        "error": error,
        "paused_reason": None,
        "closed_at": now,
    }
    if change_job(connection, owner, job, OPEN, **closed):
        freeze_counts(connection, owner, job)
        _leave_nothing_under_way(connection, owner, job, state)
        append_event(connection, owner, job, EventKind.CLOSED, {"state": state, "warning": warning, "error": error})
        if state is JobState.DONE:
            _follow(connection, owner, job)


def order_again(connection: sa.Connection, owner: str, job: str, order: BookOrder) -> BookOrder:
    """What a job that has failed is to do when it is begun once more: from the pages that are there, if its text was
    read, and without a second approval."""
    book = (books.c.owner_id == owner, books.c.id == order.book_id)
    if connection.execute(sa.select(books.c.source_at).where(*book)).scalar() is None:
        return order
    began = sa.select(stages.c.name).where(
        stages.c.owner_id == owner, stages.c.job_id == job, stages.c.name.in_(OF_PAGES)
    )
    approved = connection.execute(began.limit(1)).first() is not None
    changes: dict[str, Any] = {"source": ExistingBook()}  # reading it again would undo what was edited
    return order.model_copy(update=changes | ({"review": False} if approved else {}))


def _again(connection: sa.Connection, owner: str, job: str, error: str | None, now: datetime) -> bool:
    """Put a job that has failed back into the queue. False when it is closed, or has used up its retries."""
    mine = (jobs.c.owner_id == owner, jobs.c.id == job)
    row = connection.execute(
        sa.select(jobs.c.ordered, jobs.c.retries).where(*mine, jobs.c.state.in_(OPEN)).with_for_update()
    ).one_or_none()
    if row is None:
        return False
    order = BookOrder.model_validate(row.ordered)
    if row.retries >= order.max_retries:
        return False
    retry = row.retries + 1
    due = now + min(FIRST_WAIT * 2**row.retries, LONGEST_WAIT)
    changes: dict[str, Any] = {
        "state": JobState.QUEUED,
        "workflow_id": retry_workflow_id(order.book_id, order.generation, retry),
        "retries": retry,
        "due_at": due,
        "error": error,
        "paused_reason": None,
    }
    change_job(connection, owner, job, OPEN, **changes)
    freeze_counts(connection, owner, job)
    _leave_nothing_under_way(connection, owner, job, JobState.QUEUED)
    told = {"retry": retry, "of": order.max_retries, "error": error, "due_at": due.isoformat()}
    append_event(connection, owner, job, EventKind.REQUEUED, told)
    return True


def _follow(connection: sa.Connection, owner: str, job: str) -> None:
    """Order the job that the order of one that is done wants next, within what that has left of its budget."""
    mine = (jobs.c.owner_id == owner, jobs.c.id == job)
    order = BookOrder.model_validate(connection.execute(sa.select(jobs.c.ordered).where(*mine)).scalar_one())
    if not order.then:
        return
    of_book = (jobs.c.owner_id == owner, jobs.c.book_id == order.book_id)
    newest = connection.execute(sa.select(sa.func.max(jobs.c.generation)).where(*of_book)).scalar_one()
    left = left_of_job(connection, OwnerId(owner), job)
    following = order.model_copy(
        update={
            "source": ExistingBook(),
            "generation": newest + 1,
            "tracks": order.then,
            "then": (),
            "editions": editions_with(order.editions, order.then),
            "budget_usd": None if left is None else from_micros(left),
            "review": False,
            "review_sheet": False,
        }
    )
    create_job(connection, following, book_workflow_id(order.book_id, newest + 1))


def _stand_ins(connection: sa.Connection, owner: str, job: str) -> list[str]:
    """Who stood in for whom was chosen, and for how many pages of the job's book, in words."""
    book = sa.select(jobs.c.book_id).where(jobs.c.owner_id == owner, jobs.c.id == job).scalar_subquery()
    query = (
        sa.select(page_tracks.c.track, page_tracks.c.made_by, sa.func.count().label("pages"))
        .where(page_tracks.c.owner_id == owner, page_tracks.c.book_id == book)
        .where(page_tracks.c.stand_in, page_tracks.c.state == TrackState.COMPLETED)
        .group_by(page_tracks.c.track, page_tracks.c.made_by)
        .order_by(page_tracks.c.track, page_tracks.c.made_by)
    )
    return [
        f"{row.made_by} stood in for the {row.track} of {row.pages} page{'s' * (row.pages > 1)}"
        for row in connection.execute(query)
    ]


def _changes_of_voice(connection: sa.Connection, owner: str, job: str) -> list[str]:
    """In which chapters of the job's book the voice changes, and where, in words."""
    book = sa.select(jobs.c.book_id).where(jobs.c.owner_id == owner, jobs.c.id == job).scalar_subquery()
    spoken = sa.and_(track_of_page(Track.NARRATION), page_tracks.c.state == TrackState.COMPLETED)
    mine = (pages.c.owner_id == owner, pages.c.book_id == book)
    mixed = (
        sa.select(pages.c.chapter)
        .join(page_tracks, spoken)
        .where(*mine)
        .group_by(pages.c.chapter)
        .having(sa.func.count(page_tracks.c.made_by.distinct()) > 1)
    )
    query = (
        sa.select(pages.c.chapter, pages.c.number, page_tracks.c.made_by)
        .join(page_tracks, spoken)
        .where(*mine, pages.c.chapter.in_(mixed), page_tracks.c.made_by.is_not(None))
        .order_by(pages.c.number)
    )
    places: dict[int, list[str]] = {}
    before: Any = None
    for row in connection.execute(query):
        if before is not None and before.chapter == row.chapter and before.made_by != row.made_by:
            places.setdefault(row.chapter, []).append(str(row.number))
        before = row
    said = [
        f"in chapter {chapter} the voice changes at page {', '.join(numbers[:MOST_PLACES])}"
        + (" and later" if len(numbers) > MOST_PLACES else "")
        for chapter, numbers in places.items()
    ]
    return [*said[:MOST_PLACES], *(["so it does in further chapters"] if len(said) > MOST_PLACES else [])]


def _leave_nothing_under_way(connection: sa.Connection, owner: str, job: str, state: JobState) -> None:
    mine = (stages.c.owner_id == owner, stages.c.job_id == job)
    if state is JobState.QUEUED:  # whatever is not completed is begun again
        unfinished = sa.update(stages).where(*mine, stages.c.state != TrackState.COMPLETED)
        connection.execute(unfinished.values(state=TrackState.PENDING, completed_at=None))
    else:
        ended = TrackState.FAILED if state is JobState.FAILED else TrackState.SKIPPED
        under_way = sa.update(stages).where(*mine, stages.c.state == TrackState.PROCESSING)
        connection.execute(under_way.values(state=ended, completed_at=utcnow()))
    book = sa.select(jobs.c.book_id).where(jobs.c.owner_id == owner, jobs.c.id == job).scalar_subquery()
    connection.execute(
        sa.update(page_tracks)
        .where(page_tracks.c.owner_id == owner, page_tracks.c.book_id == book)
        .where(page_tracks.c.state == TrackState.PROCESSING)
        .values(state=TrackState.PENDING)
    )
