"""The figures that operators watch, over all owners; each is found by an index."""

from datetime import datetime

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.calls import CallState
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ingestion.deadletters import DEAD_LETTERS
from bookwright.store.ledger.budgets import MONTH, month_committed
from bookwright.store.ledger.statements import AMBIGUOUS, UNANSWERED
from bookwright.store.ledger.tables import budgets
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.tables import jobs, users


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
    ambiguous_calls: int
    """Attempts that were sent and whose outcome nobody knows."""
    dead_letters: int
    """Steps of audiobooks that were given up."""
    month_share: float
    """The largest part of their monthly budget that any user has used up, with open calls at their most; 0 where
    nobody has one."""
    month_micros: int
    """What this month's calls cost, with those still open at their most, in millionths of a US dollar."""


async def figures(database: Database, month_budget_micros: int | None = None) -> Figures:
    """How things stand now; `month_budget_micros` is the budget of users without one of their own. Raises
    ServiceUnavailable."""
    now = utcnow()
    return await database.read(SERVICE, lambda connection: _figures(connection, now, month_budget_micros))


def _figures(connection: sa.Connection, now: datetime, month_budget: int | None) -> Figures:
    month = now.strftime("%Y-%m")
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
    unknown = sa.select(sa.func.count()).select_from(attempts).where(AMBIGUOUS)
    return Figures(
        jobs=tuple(JobCount(kind=kind, state=JobState(state), count=count) for kind, state, count in counted),
        queued_s={kind: max((now - since).total_seconds(), 0.0) for kind, since in oldest},
        open_calls={CallState(state): count for state, count in still_open},
        ambiguous_calls=connection.execute(unknown).scalar_one(),
        dead_letters=connection.execute(DEAD_LETTERS).scalar_one(),
        month_share=_month_share(connection, month, month_budget),
        month_micros=month_committed(connection, month),
    )


def _month_share(connection: sa.Connection, month: str, everybodys: int | None) -> float:
    cap = sa.func.coalesce(budgets.c.cap_micros, users.c.month_micros, sa.literal(everybodys, sa.BigInteger))
    share = budgets.c.committed_micros / sa.cast(cap, sa.Float)
    query = sa.select(sa.func.max(share)).join(users, users.c.owner_id == budgets.c.owner_id)
    found = connection.execute(query.where(budgets.c.scope == MONTH, budgets.c.ref == month, cap > 0)).scalar()
    return round(float(found or 0), 4)
