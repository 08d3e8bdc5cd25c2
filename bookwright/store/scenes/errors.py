"""Records of spreads that could not be processed (`books.processing_errors` of the older systems)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.ids import BookId, JobId, OwnerId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.scenes import ErrorKind, Failure, ProcessingError, spread_index
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import insert_missing
from bookwright.store.scenes.tables import processing_errors

TRACE_LIMIT = 8_000
"""Characters of a trace, from its end: where the error is."""
_OF_STORE = frozenset(
    "DatabaseError DataError IntegrityError InterfaceError InternalError OperationalError ProgrammingError "
    "ServiceUnavailable StatementError".split()
)
_OF_INPUT = frozenset(("ValidationError", "BadInput"))


def write_errors(
    connection: sa.Connection, context: BookContext, pages: Sequence[int], kind: ErrorKind, failure: Failure
) -> None:
    """Record the failure for each spread of these pages, unless the job has one for it already."""
    if failure.error_type in _OF_STORE:
        kind = ErrorKind.DATABASE
    elif failure.error_type in _OF_INPUT:
        kind = ErrorKind.VALIDATION
    rows = [
        {
            "owner_id": context.owner_id,
            "job_id": context.job_id,
            "spread": spread,
            "book_id": context.book_id,
            "pages": _both(spread, context.pages),
            "kind": kind,
            "message": failure.message,
            "attempt": failure.attempt,
            "trace": failure.trace and failure.trace[-TRACE_LIMIT:],
            "at": utcnow(),
        }
        for spread in sorted({spread_index(page) for page in pages})
    ]
    insert_missing(connection, processing_errors, *rows)


def read_errors(
    connection: sa.Connection, owner: OwnerId, book: BookId, job: JobId | None = None
) -> list[ProcessingError]:
    """Those of one of the book's jobs, or of all, in order of spreads."""
    query = sa.select(processing_errors).where(
        processing_errors.c.owner_id == owner, processing_errors.c.book_id == book
    )
    if job is not None:
        query = query.where(processing_errors.c.job_id == job)
    rows = connection.execute(query.order_by(processing_errors.c.spread, processing_errors.c.at))
    return [_error(row) for row in rows]


def _both(spread: int, pages: int) -> list[int]:
    """The spread's pages; the last one of a book may have one only."""
    return [page for page in (2 * spread + 1, 2 * spread + 2) if page <= pages]


def _error(row: Any) -> ProcessingError:
    return ProcessingError(
        spread=row.spread,
        pages=tuple(row.pages),
        kind=ErrorKind(row.kind),
        message=row.message,
        attempt=row.attempt,
        trace=row.trace,
        at=row.at,
    )
