"""Dead letters: steps of audiobooks that were given up after their retries, of all owners."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.ingestion import StepKind
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ingestion.tables import processing_jobs
from bookwright.store.tables import books

_FAILED = processing_jobs.c.state == sa.literal_column(f"'{TrackState.FAILED}'")
"""Said as text: SQLite takes an index over a part of a table for no parameter."""

DEAD_LETTERS = sa.select(sa.func.count()).select_from(processing_jobs).where(_FAILED)
"""How many there are."""


class DeadLetter(Payload):
    """A step that stays as it is until somebody restarts it."""

    step_id: str
    kind: StepKind
    owner_id: OwnerId
    book_id: BookId
    title: str
    error_type: str | None
    error: str | None
    failed_at: datetime


class DeadLetters:
    """Looks for dead letters, for operators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, limit: int, before: tuple[datetime, str] | None = None) -> list[DeadLetter]:
        """Newest first, those that follow a time and a step's id."""
        return await self._database.read(SERVICE, lambda c: _newest(c, limit, before))

    async def count(self) -> int:
        """How many there are."""
        return await self._database.read(SERVICE, lambda c: c.execute(DEAD_LETTERS).scalar_one())

    async def owner(self, step: str) -> OwnerId:
        """Whose a step is. Raises NotFound."""
        query = sa.select(processing_jobs.c.owner_id).where(processing_jobs.c.id == step)
        found = await self._database.read(SERVICE, lambda c: c.execute(query).scalar())
        if found is None:
            raise NotFound("there is no such step")
        return OwnerId(found)


def _newest(connection: sa.Connection, limit: int, before: tuple[datetime, str] | None) -> list[DeadLetter]:
    place = (processing_jobs.c.completed_at, processing_jobs.c.id)
    same = sa.and_(books.c.owner_id == processing_jobs.c.owner_id, books.c.id == processing_jobs.c.book_id)
    query = sa.select(processing_jobs, books.c.title).join(books, same).where(_FAILED)
    if before is not None:
        at, step = (sa.literal(value, column.type) for value, column in zip(before, place, strict=True))
        query = query.where(sa.tuple_(*place) < sa.tuple_(at, step))
    rows = connection.execute(query.order_by(*(column.desc() for column in place)).limit(limit))
    return [_letter(row) for row in rows]


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(
        step_id=row.id,
        kind=StepKind(row.job_type),
        owner_id=OwnerId(row.owner_id),
        book_id=BookId(row.book_id),
        title=row.title or "Untitled",
        error_type=row.error_type,
        error=row.error,
        failed_at=row.completed_at,
    )
