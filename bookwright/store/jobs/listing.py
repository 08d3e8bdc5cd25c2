"""Lists of jobs: filtered, a page at a time, newest first."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallCounts, CallState
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import OF_PAGES, JobState, StageStatus
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import among
from bookwright.store.jobs.progress import JOB_COLUMNS, job_row, page_counts, stage_statuses
from bookwright.store.jobs.records import JobProgress, JobRow
from bookwright.store.ledger.report import CHARGED, PAID
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.ledger.tables import provider_calls as calls
from bookwright.store.ledger.tables import usages
from bookwright.store.tables import books, jobs, stages

SEARCHED = 10_000
"""The newest books, whose titles are looked through. Whoever looks for an older one knows when it was, or its id."""
CLOCKS_APART = timedelta(minutes=5)
"""Numbers follow the time at which jobs came in, but for clocks that differ and transactions that overtake."""


class JobFilter(Payload):
    """Which jobs are wanted; None is all."""

    kind: JobKind | None = None
    states: tuple[JobState, ...] | None = None
    owner: OwnerId | None = None
    since: datetime | None = None
    """Came in at this time or later."""
    until: datetime | None = None
    """Came in before this time."""
    q: str | None = None
    """Part of the title of one of the newest books, or a job's or book's id or number."""


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


def _page(connection: sa.Connection, wanted: JobFilter, cursor: int | None, limit: int, now: datetime) -> JobPage:
    query = JOB_COLUMNS.where(*_where(wanted), *_numbers(connection, wanted))
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


def _where(wanted: JobFilter) -> list[Any]:
    where: list[Any] = []
    if wanted.owner is not None:
        where.append(jobs.c.owner_id == wanted.owner)
    if wanted.kind is not None:
        where.append(jobs.c.kind == wanted.kind)
    if wanted.states is not None:
        where.append(jobs.c.state.in_(wanted.states))
    if wanted.since is not None:
        where.append(jobs.c.created_at >= wanted.since)
    if wanted.until is not None:
        where.append(jobs.c.created_at < wanted.until)
    if wanted.q:
        where.append(_matches(wanted.q))
    return where


def _numbers(connection: sa.Connection, wanted: JobFilter) -> list[Any]:
    """The numbers that times stand for, each found in the index of times: the list is in the order of numbers. They are
    looked up before, so that the planner sees how much of the table they leave."""
    number, at = jobs.c.number, jobs.c.created_at
    where: list[Any] = []
    if wanted.since is not None:
        found = sa.select(number).where(at >= wanted.since - CLOCKS_APART).order_by(at).limit(1)
        first = connection.execute(found).scalar()
        where.append(sa.false() if first is None else number >= first)
    if wanted.until is not None:
        found = sa.select(number).where(at < wanted.until + CLOCKS_APART).order_by(at.desc()).limit(1)
        last = connection.execute(found).scalar()
        where.append(sa.false() if last is None else number <= last)
    return where


def _matches(q: str) -> Any:
    """The numbers of the jobs that a search finds, each by an index."""
    of_book = sa.and_(jobs.c.owner_id == books.c.owner_id, jobs.c.book_id == books.c.id)
    wanted = sa.select(jobs.c.number).join(books, of_book)
    if q.isascii() and q.isdigit() and len(q) < 10:
        return jobs.c.number.in_(sa.union(sa.select(sa.literal(int(q))), wanted.where(books.c.number == int(q))))
    newest = (
        sa.select(books.c.owner_id, books.c.id, books.c.title)
        .order_by(books.c.number.desc())
        .limit(SEARCHED)
        .subquery()
    )
    like = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    of_newest = sa.and_(jobs.c.owner_id == newest.c.owner_id, jobs.c.book_id == newest.c.id)
    titled = sa.select(jobs.c.number).join(newest, of_newest).where(newest.c.title.ilike(like, escape="\\"))
    by_id = (sa.select(jobs.c.number).where(jobs.c.id == q), wanted.where(books.c.id == q))
    return jobs.c.number.in_(sa.union(*by_id, titled))


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
