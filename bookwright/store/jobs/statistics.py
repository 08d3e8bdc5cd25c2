"""Figures over many jobs, for operators and for bills. From the store: Temporal's visibility can't group them."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.jobs.filters import delayed
from bookwright.store.jobs.history import History
from bookwright.store.ledger.budgets import MONTH, month_committed
from bookwright.store.ledger.report import CHARGED, PAID
from bookwright.store.ledger.tables import budgets
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.tables import books, jobs

MEASURED = 500
"""The jobs that ended last: the durations are of those that are done."""
FRESH = timedelta(seconds=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class JobCounts(Payload):
    """How many jobs stand where."""

    waiting: int = 0
    """Queued."""
    active: int = 0
    """Running."""
    delayed: int = 0
    """Running and put off by a provider, or queued for a later time."""
    paused: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0


class JobStatistics(Payload):
    """All jobs of all owners at one moment."""

    queues: dict[JobKind, JobCounts]
    last_hour: int
    """Jobs finished in the last hour, with or without parts missing."""
    last_day: int
    durations: tuple[float, ...]
    """Seconds from start to end of the newest finished jobs, ascending."""
    today_micros: int
    month_micros: int
    oldest_waiting: datetime | None
    """When the job came in that waits longest."""
    failed_last_hour: int


class OwnerUsage(Payload):
    """What one owner has used."""

    month: str
    """`YYYY-MM`, UTC."""
    committed_micros: int
    cap_micros: int | None
    today_micros: int
    calls: int
    """Provider calls this month that may have cost something."""
    jobs: JobCounts
    books: int
    pages: int


class Statistics:
    """Figures from the store."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock
        self.history = History(database, clock)
        """What happened over time."""
        self._counting: tuple[datetime, asyncio.Task[JobStatistics]] | None = None

    async def jobs(self) -> JobStatistics:
        """Figures over all owners; counted at most once a second, however many ask."""
        now = self._clock()
        if self._counting is None or now - self._counting[0] >= FRESH:
            counting = self._database.read(SERVICE, lambda c: _statistics(c, now))
            self._counting = now, asyncio.ensure_future(counting)
        return await asyncio.shield(self._counting[1])

    async def usage(self, owner: OwnerId) -> OwnerUsage:
        """Figures of one owner."""
        now = self._clock()
        return await self._database.read(owner, lambda c: _usage(c, owner, now))


_NAMES = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "active",
    JobState.PAUSED: "paused",
    JobState.DONE: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}


def _counts(connection: sa.Connection, now: datetime, *where: "sa.ColumnElement[bool]") -> dict[JobKind, JobCounts]:
    found: dict[JobKind, dict[str, int]] = {kind: {} for kind in JobKind}
    for kind, state, count in connection.execute(
        sa.select(jobs.c.kind, jobs.c.state, sa.func.count()).where(*where).group_by(jobs.c.kind, jobs.c.state)
    ):
        found[JobKind(kind)][_NAMES[JobState(state)]] = count
    for kind, state, count in connection.execute(
        sa.select(jobs.c.kind, jobs.c.state, sa.func.count())
        .where(*where, delayed(now))
        .group_by(jobs.c.kind, jobs.c.state)
    ):
        of_kind = found[JobKind(kind)]
        of_kind["delayed"] = of_kind.get("delayed", 0) + count
        of_kind[_NAMES[JobState(state)]] -= count
    return {kind: JobCounts.model_validate(counted) for kind, counted in found.items()}


def _statistics(connection: sa.Connection, now: datetime) -> JobStatistics:
    ended = connection.execute(
        sa.select(
            sa.func.count().filter(jobs.c.state == JobState.DONE, jobs.c.closed_at > now - HOUR).label("last_hour"),
            sa.func.count().filter(jobs.c.state == JobState.DONE).label("last_day"),
            sa.func.count().filter(jobs.c.state == JobState.FAILED, jobs.c.closed_at > now - HOUR).label("failed"),
        ).where(jobs.c.closed_at > now - DAY)
    ).one()
    timed = connection.execute(
        sa.select(jobs.c.state, jobs.c.started_at, jobs.c.closed_at)
        .where(jobs.c.closed_at > now - DAY)
        .order_by(jobs.c.closed_at.desc())
        .limit(MEASURED)
    )
    return JobStatistics(
        queues=_counts(connection, now),
        last_hour=ended.last_hour,
        last_day=ended.last_day,
        durations=tuple(
            sorted(
                (row.closed_at - row.started_at).total_seconds()
                for row in timed
                if row.state == JobState.DONE and row.started_at is not None
            )
        ),
        today_micros=_charged_today(connection, now),
        month_micros=month_committed(connection, now.strftime("%Y-%m")),
        oldest_waiting=connection.execute(
            sa.select(jobs.c.created_at).where(jobs.c.state == JobState.QUEUED).order_by(jobs.c.number).limit(1)
        ).scalar(),
        failed_last_hour=ended.failed,
    )


def _charged_today(connection: sa.Connection, now: datetime, *where: "sa.ColumnElement[bool]") -> int:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    charged = sa.select(sa.func.coalesce(sa.func.sum(CHARGED), 0)).where(
        attempts.c.reserved_at >= midnight, attempts.c.max_micros > sa.literal_column("0"), attempts.c.state.in_(PAID)
    )
    return int(connection.execute(charged.where(*where)).scalar_one())


def _usage(connection: sa.Connection, owner: OwnerId, now: datetime) -> OwnerUsage:
    month = now.strftime("%Y-%m")
    this_month = (attempts.c.owner_id == owner, attempts.c.month == month, attempts.c.state.in_(PAID))
    budget = connection.execute(
        sa.select(budgets.c.committed_micros, budgets.c.cap_micros).where(
            budgets.c.owner_id == owner, budgets.c.scope == MONTH, budgets.c.ref == month
        )
    ).one_or_none()
    shelf = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(books.c.pages), 0)).where(books.c.owner_id == owner)
    ).one()
    counted = _counts(connection, now, jobs.c.owner_id == owner).values()
    return OwnerUsage(
        month=month,
        committed_micros=budget.committed_micros if budget else 0,
        cap_micros=budget.cap_micros if budget else None,
        today_micros=_charged_today(connection, now, attempts.c.owner_id == owner),
        calls=connection.execute(sa.select(sa.func.count()).where(*this_month)).scalar_one(),
        jobs=total(counted),
        books=shelf[0],
        pages=int(shelf[1]),
    )


def total(counted: Iterable[JobCounts]) -> JobCounts:
    """The sums of all."""
    sums: dict[str, int] = {}
    for counts in counted:
        for name, count in counts.model_dump().items():
            sums[name] = sums.get(name, 0) + count
    return JobCounts.model_validate(sums)
