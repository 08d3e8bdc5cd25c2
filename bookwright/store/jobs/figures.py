"""The figures that operators watch, over all owners; each is found by an index."""

from datetime import datetime

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.calls import CallState
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ledger.budgets import month_committed
from bookwright.store.ledger.statements import UNANSWERED
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.tables import jobs


class JobCount(Payload):
    """How many jobs of a kind are in a state."""

    kind: str
    state: JobState
    count: int


class Figures(Payload):
    """How the whole system stands."""

    jobs: tuple[JobCount, ...]
    queued_s: dict[str, float]
    """By kind of job: for how long the oldest that has not been started has waited."""
    open_calls: dict[CallState, int]
    """Provider calls that are reserved or sent and have no answer yet."""
    month_micros: int
    """What this month's calls cost, with those still open at their most, in millionths of a US dollar."""


async def figures(database: Database) -> Figures:
    """How things stand now. Raises ServiceUnavailable."""
    now = utcnow()
    return await database.read(SERVICE, lambda connection: _figures(connection, now))


def _figures(connection: sa.Connection, now: datetime) -> Figures:
    counted = connection.execute(
        sa.select(jobs.c.kind, jobs.c.state, sa.func.count()).group_by(jobs.c.kind, jobs.c.state)
    )
    oldest = connection.execute(
        sa.select(jobs.c.kind, sa.func.min(jobs.c.created_at))
        .where(jobs.c.state == JobState.QUEUED)
        .group_by(jobs.c.kind)
    )
    still_open = connection.execute(
        sa.select(attempts.c.state, sa.func.count()).where(UNANSWERED).group_by(attempts.c.state)
    )
    return Figures(
        jobs=tuple(JobCount(kind=kind, state=JobState(state), count=count) for kind, state, count in counted),
        queued_s={kind: max((now - since).total_seconds(), 0.0) for kind, since in oldest},
        open_calls={CallState(state): count for state, count in still_open},
        month_micros=month_committed(connection, now.strftime("%Y-%m")),
    )
