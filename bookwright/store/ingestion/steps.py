"""The steps of an audiobook's ingestion: rows that say how each stands."""

from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.ingestion import Step, StepChange, StepKind
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import insert_missing
from bookwright.store.ingestion.tables import processing_jobs

ORDER = {kind: place for place, kind in enumerate(StepKind)}


def create_steps(connection: sa.Connection, owner: OwnerId, book: BookId) -> None:
    """One row for each step, waiting."""
    fresh = {"owner_id": owner, "book_id": book, "state": TrackState.PENDING, "done": 0, "total": 0}
    insert_missing(connection, processing_jobs, *(fresh | {"job_type": kind, "id": str(uuid4())} for kind in StepKind))


def read_steps(connection: sa.Connection, owner: OwnerId, book: BookId) -> list[Step]:
    """The steps of an audiobook, in the order in which they begin."""
    query = sa.select(processing_jobs).where(processing_jobs.c.owner_id == owner, processing_jobs.c.book_id == book)
    found = [_step(row) for row in connection.execute(query)]
    return sorted(found, key=lambda step: ORDER[step.kind])


def read_step(connection: sa.Connection, owner: OwnerId, step: str) -> Step:
    """A step by its id. Raises NotFound."""
    query = sa.select(processing_jobs).where(processing_jobs.c.owner_id == owner, processing_jobs.c.id == step)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such job")
    return _step(row)


def change_step(connection: sa.Connection, change: StepChange) -> None:
    """Begin, go on with or end a step."""
    now = utcnow()
    changes: dict[str, Any] = {
        "state": change.state,
        "done": change.done,
        "total": change.total,
        "error_type": change.error_type,
        "error": change.error,
        "completed_at": now if change.state in (TrackState.COMPLETED, TrackState.FAILED) else None,
        "started_at": sa.func.coalesce(
            processing_jobs.c.started_at, sa.literal(now, processing_jobs.c.started_at.type)
        ),
    }
    this = (
        processing_jobs.c.owner_id == change.context.owner_id,
        processing_jobs.c.book_id == change.context.book_id,
        processing_jobs.c.job_type == change.kind,
    )
    connection.execute(sa.update(processing_jobs).where(*this).values(changes))


def wait_again(connection: sa.Connection, owner: OwnerId, book: BookId) -> None:
    """Have the steps that failed wait for their turn again."""
    these = (processing_jobs.c.owner_id == owner, processing_jobs.c.book_id == book)
    failed = processing_jobs.c.state == TrackState.FAILED
    fresh = {"state": TrackState.PENDING, "error_type": None, "error": None, "completed_at": None}
    connection.execute(sa.update(processing_jobs).where(*these, failed).values(fresh))


def _step(row: Any) -> Step:
    return Step(
        step_id=row.id,
        book_id=row.book_id,
        kind=StepKind(row.job_type),
        state=TrackState(row.state),
        done=row.done,
        total=row.total,
        error_type=row.error_type,
        error=row.error,
        started_at=row.started_at,
        completed_at=row.completed_at,
    )
