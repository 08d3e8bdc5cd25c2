"""The writes of a job's life: accepted, started, closed. Each is part of a caller's transaction."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import OwnerId, job_id
from bookwright.contracts.orders import BookOrder
from bookwright.contracts.progress import OF_PAGES, JobState, StageName
from bookwright.money.usd import to_micros
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import insert, insert_missing
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.ledger.budgets import JOB, set_cap
from bookwright.store.tables import books, jobs, page_tracks, stages, users

OPEN = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


def create_job(
    connection: sa.Connection,
    order: BookOrder,
    workflow_id: str,
    fingerprint: str | None = None,
    idempotency_key: str | None = None,
    trace: str | None = None,
) -> bool:
    """Create user, book, job and budget where they are missing. False when the job, or one with the same
    idempotency key, is there already."""
    now, owner, job = utcnow(), order.owner_id, job_id(workflow_id)
    if connection.execute(sa.select(jobs.c.id).where(jobs.c.owner_id == owner, jobs.c.id == job)).scalar():
        return False  # an insert that only finds this out takes a number, and people would miss it
    insert_missing(connection, users, {"owner_id": owner, "created_at": now})
    book = {"id": order.book_id, "owner_id": owner, "title": order.title, "author": order.author, "created_at": now}
    insert_missing(connection, books, book)
    created = connection.execute(
        insert(connection, jobs)
        .values(
            id=job,
            owner_id=owner,
            book_id=order.book_id,
            workflow_id=workflow_id,
            generation=order.generation,
            kind=order.kind,
            state=JobState.QUEUED,
            priority=order.priority,
            fingerprint=fingerprint,
            idempotency_key=idempotency_key,
            trace=trace,
            ordered=order.model_dump(mode="json"),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(jobs.c.id)
    ).scalar()
    if created is None:
        return False
    cap = None if order.budget_usd is None else to_micros(order.budget_usd)
    set_cap(connection, owner, JOB, job, cap)
    append_event(connection, owner, job, EventKind.ACCEPTED, {"book": order.book_id, "generation": order.generation})
    return True


def start_job(connection: sa.Connection, owner: str, job: str) -> None:
    """Say that a queued job runs. Changes nothing for one that runs or is closed."""
    if change_job(connection, owner, job, (JobState.QUEUED,), state=JobState.RUNNING, started_at=utcnow()):
        append_event(connection, owner, job, EventKind.STARTED, {})


def close_job(
    connection: sa.Connection, owner: str, job: str, state: JobState, warning: str | None, error: str | None
) -> None:
    """Record how a job ended; a closed job stays as it is. Its stages keep the counts that they had; one that was
    under way ends as skipped or failed, and pages that nobody works on any more are pending again. A job that is done
    warns of what another provider than the one chosen has made."""
    if state is JobState.DONE:
        warning = " and ".join(filter(None, (warning, *_stand_ins(connection, owner, job)))) or None
    closed: dict[str, Any] = {
        "state": state,
        "warning": warning,
        "error": error,
        "paused_reason": None,
        "closed_at": utcnow(),
    }
    if change_job(connection, owner, job, OPEN, **closed):
        freeze_counts(connection, owner, job)
        _leave_nothing_under_way(connection, owner, job, state)
        append_event(connection, owner, job, EventKind.CLOSED, {"state": state, "warning": warning, "error": error})


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


def set_budget(connection: sa.Connection, owner: str, job: str, cap_micros: int) -> None:
    """Set a job's budget, with its event. Raises NotFound."""
    set_cap(connection, OwnerId(owner), JOB, job, cap_micros)
    append_event(connection, owner, job, EventKind.BUDGET, {"cap_micros": cap_micros})


def _leave_nothing_under_way(connection: sa.Connection, owner: str, job: str, state: JobState) -> None:
    ended = TrackState.FAILED if state is JobState.FAILED else TrackState.SKIPPED
    connection.execute(
        sa.update(stages)
        .where(stages.c.owner_id == owner, stages.c.job_id == job, stages.c.state == TrackState.PROCESSING)
        .values(state=ended, completed_at=utcnow())
    )
    book = sa.select(jobs.c.book_id).where(jobs.c.owner_id == owner, jobs.c.id == job).scalar_subquery()
    connection.execute(
        sa.update(page_tracks)
        .where(page_tracks.c.owner_id == owner, page_tracks.c.book_id == book)
        .where(page_tracks.c.state == TrackState.PROCESSING)
        .values(state=TrackState.PENDING)
    )


def change_job(
    connection: sa.Connection,
    owner: str,
    job: str,
    states: tuple[JobState, ...],
    *,
    only_if_new: bool = False,
    **changes: Any,
) -> bool:
    """Change a job if it is in one of the states; False when it is not, or (`only_if_new`) has all of it already."""
    statement = sa.update(jobs).where(jobs.c.owner_id == owner, jobs.c.id == job, jobs.c.state.in_(states))
    if only_if_new:
        statement = statement.where(sa.or_(*(jobs.c[name].is_distinct_from(new) for name, new in changes.items())))
    return connection.execute(statement.values(**changes, claimed_until=None)).rowcount > 0


def freeze_counts(connection: sa.Connection, owner: str, job: str, only: StageName | None = None) -> None:
    """Write down the counts of the stages of tracks that were begun, or of one of them; until now they followed from
    the pages."""
    book = sa.select(jobs.c.book_id).where(jobs.c.owner_id == owner, jobs.c.id == job).scalar_subquery()

    def pages_that_are(*states: TrackState) -> Any:
        return (
            sa.select(sa.func.count())
            .where(page_tracks.c.owner_id == owner, page_tracks.c.book_id == book)
            .where(page_tracks.c.track == stages.c.name, page_tracks.c.state.in_(states))
            .correlate(stages)
            .scalar_subquery()
        )

    made = pages_that_are(TrackState.COMPLETED, TrackState.SKIPPED)
    connection.execute(
        sa.update(stages)
        .where(stages.c.owner_id == owner, stages.c.job_id == job)
        .where(stages.c.name.in_(OF_PAGES if only is None else (only,)))
        .where(stages.c.state == TrackState.PROCESSING)
        .values(done=made, failed=pages_that_are(TrackState.FAILED))
    )
