"""Lists of jobs: filtered, a page at a time, newest first."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallCounts, CallState
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.progress import OF_PAGES, StageStatus
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import among
from bookwright.store.jobs.filters import JobFilter, conditions
from bookwright.store.jobs.progress import JOB_COLUMNS, job_row, page_counts, stage_statuses
from bookwright.store.jobs.records import JobProgress, JobRow
from bookwright.store.ledger.report import CHARGED, PAID
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.ledger.tables import provider_calls as calls
from bookwright.store.ledger.tables import usages
from bookwright.store.tables import jobs, stages


class JobPage(NamedTuple):
    """Some jobs of a list, each without its chapters, and the number to go on after; None at the end."""

    jobs: list[JobProgress]
    cursor: int | None


class JobLists:
    """Lists of jobs as one owner sees them, or as an operator does."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def of_owner(self, owner: OwnerId, wanted: JobFilter, cursor: int | None, limit: int) -> JobPage:
        """The owner's jobs, whatever owner the filter names."""
        mine = wanted.model_copy(update={"owner": owner})
        return await self._database.read(owner, lambda c: _page(c, mine, cursor, limit, self._clock()))

    async def of_all(self, wanted: JobFilter, cursor: int | None, limit: int) -> JobPage:
        """All owners' jobs."""
        return await self._database.read(SERVICE, lambda c: _page(c, wanted, cursor, limit, self._clock()))

    async def count(self, wanted: JobFilter) -> int:
        """How many jobs of all owners these are."""
        now = self._clock()

        def work(connection: sa.Connection) -> int:
            query = sa.select(sa.func.count()).select_from(jobs).where(*conditions(connection, wanted, now))
            return connection.execute(query).scalar_one()

        return await self._database.read(SERVICE, work)


def _page(connection: sa.Connection, wanted: JobFilter, cursor: int | None, limit: int, now: datetime) -> JobPage:
    query = JOB_COLUMNS.where(*conditions(connection, wanted, now))
    query = query.order_by(jobs.c.number.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(jobs.c.number < cursor)
    rows = connection.execute(query).all()
    shown = [job_row(row) for row in rows[:limit]]
    numbers = [job.number for job in shown]
    begun = _stages(connection, shown, numbers)
    counted = _counts(connection, numbers)
    found = [
        JobProgress(
            job=job,
            stages=begun[job.number],
            chapters=(),
            counts=counted.get(job.number, CallCounts()),
            pages=row.book_pages,
            as_of=now,
        )
        for job, row in zip(shown, rows, strict=False)
    ]
    return JobPage(found, numbers[-1] if len(rows) > limit else None)


def _stages(
    connection: sa.Connection, shown: Sequence[JobRow], numbers: list[int]
) -> dict[int, tuple[StageStatus, ...]]:
    """The stages of each job, pages counted as they are now where a track's stage is under way."""
    same = sa.and_(stages.c.owner_id == jobs.c.owner_id, stages.c.job_id == jobs.c.id)
    of_these = among(connection, jobs.c.number, numbers)
    rows = connection.execute(sa.select(jobs.c.number, stages).join(stages, same).where(of_these))
    by_job: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_job[row.number].append(row)
    under_way = [
        job.number
        for job in shown
        if not job.state.closed
        and any(row.name in OF_PAGES and row.state == TrackState.PROCESSING for row in by_job[job.number])
    ]
    live = page_counts(connection, under_way) if under_way else {}
    return {number: stage_statuses(by_job[number], live.get(number, {})) for number in numbers}


def _counts(connection: sa.Connection, numbers: list[int]) -> dict[int, CallCounts]:
    """The calls of each job that made any."""
    of_these = among(connection, jobs.c.number, numbers)
    made = sa.and_(attempts.c.owner_id == jobs.c.owner_id, attempts.c.job_id == jobs.c.id)
    used = sa.and_(usages.c.owner_id == jobs.c.owner_id, usages.c.job_id == jobs.c.id)
    made_calls = connection.execute(
        sa.select(
            jobs.c.number,
            sa.func.count(),
            sa.func.count().filter(attempts.c.state == CallState.AMBIGUOUS),
            sa.func.sum(CHARGED),
        )
        .join(attempts, made)
        .where(of_these, attempts.c.state.in_(PAID))
        .group_by(jobs.c.number)
    )
    found = {
        number: CallCounts(calls=count, ambiguous=ambiguous, cost_micros=int(cost))
        for number, count, ambiguous, cost in made_calls
    }
    reused = connection.execute(
        sa.select(jobs.c.number, sa.func.count(), sa.func.coalesce(sa.func.sum(calls.c.cost_micros), 0))
        .join(usages, used)
        .join(calls, sa.and_(calls.c.owner_id == usages.c.owner_id, calls.c.id == usages.c.call_id))
        .where(of_these, usages.c.reused)
        .group_by(jobs.c.number)
    )
    for number, count, saved in reused:
        known = found.get(number, CallCounts())
        found[number] = known.model_copy(update={"reused": count, "saved_micros": int(saved)})
    return found
