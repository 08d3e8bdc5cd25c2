"""The writes of a job's life: accepted, started, changed. Each is part of a caller's transaction."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import OwnerId, job_id
from bookwright.contracts.orders import BookOrder, JobKind
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
    kind: JobKind | None = None,
) -> bool:
    """Create user, book, job and budget where they are missing; of this kind, or of that of the order. False when the
    job, or one with the same idempotency key, is there already."""
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
            kind=kind or order.kind,
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


def set_budget(connection: sa.Connection, owner: str, job: str, cap_micros: int) -> None:
    """Set a job's budget, with its event. Raises NotFound."""
    set_cap(connection, OwnerId(owner), JOB, job, cap_micros)
    append_event(connection, owner, job, EventKind.BUDGET, {"cap_micros": cap_micros})


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
