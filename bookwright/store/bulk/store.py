"""Bulk actions: an outbox with a row for each job, so that what was accepted is done whoever crashes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction
from bookwright.contracts.base import Payload
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.access.audit import note
from bookwright.store.bulk.tables import bulk_actions, bulk_jobs
from bookwright.store.database.columns import Utc, utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.jobs.filters import JobFilter, QueueState, conditions
from bookwright.store.jobs.writes import OPEN
from bookwright.store.tables import jobs

LEASE = timedelta(seconds=30)
"""A worker that claimed a job of a bulk action and did nothing has this long until another may."""
KEPT = timedelta(days=30)
"""How long it can be looked up what became of a bulk action."""


class BulkVerb(StrEnum):
    """What can be done to many jobs."""

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"


class BulkState(StrEnum):
    """How one job of a bulk action stands."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class BulkFacts(Payload):
    """A bulk action, and how many of its jobs stand where. Jobs that were deleted since are none of these."""

    bulk_id: str
    owner_id: OwnerId
    action: BulkVerb
    wanted: JobFilter
    jobs: int
    asked_at: datetime
    open: int
    done: int
    refused: int
    reasons: dict[str, int]
    """Why jobs were refused, and how many; the most frequent reasons."""


class BulkJob(Payload):
    """A job that something is to be done to."""

    bulk_id: str
    owner_id: OwnerId
    job_id: JobId
    action: BulkVerb


MOST_REASONS = 5


class BulkStore:
    """Bulk actions as operators and workers see them."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def count(self, action: BulkVerb, wanted: JobFilter) -> int:
        """How many jobs this would be done to."""
        now = self._clock()

        def work(connection: sa.Connection) -> int:
            query = sa.select(sa.func.count()).select_from(jobs).where(*_matching(connection, action, wanted, now))
            return connection.execute(query).scalar_one()

        return await self._database.read(SERVICE, work)

    async def begin(
        self, owner: OwnerId, actor: Actor, action: BulkVerb, wanted: JobFilter, expected: int
    ) -> BulkFacts:
        """Have it done to all jobs that match, by the workers. Raises Conflict, with nothing begun, when these are
        not `expected` many any more."""
        now, bulk = self._clock(), str(uuid4())

        def work(connection: sa.Connection) -> BulkFacts:
            _forget(connection, now - KEPT)
            found = sa.select(
                jobs.c.owner_id,
                jobs.c.id,
                sa.literal(bulk),
                sa.literal(BulkState.OPEN.value),
                sa.literal(now, Utc),
            ).where(*_matching(connection, action, wanted, now))
            columns = ["owner_id", "job_id", "bulk_id", "state", "claimed_until"]
            connection.execute(sa.insert(bulk_jobs).from_select(columns, found))
            begun = sa.select(sa.func.count()).where(bulk_jobs.c.bulk_id == bulk)
            count = connection.execute(begun).scalar_one()
            if count != expected:
                raise Conflict(
                    f"there are {count} such jobs now, not {expected}: look again, then confirm the new count",
                    field="expected",
                )
            asked = wanted.model_dump(mode="json", exclude_none=True)
            connection.execute(
                sa.insert(bulk_actions).values(
                    owner_id=owner, id=bulk, action=action, wanted=asked, jobs=count, asked_at=now
                )
            )
            facts = {"action": action, "jobs": count, "wanted": asked}
            note(connection, owner, actor, AuditAction.JOBS_STEERED, bulk, facts, at=now)
            return _facts(connection, bulk_actions.c.id == bulk, 1)[0]

        return await self._database.write(SERVICE, work)

    async def one(self, bulk: str) -> BulkFacts:
        """A bulk action. Raises NotFound."""
        found = await self._database.read(SERVICE, lambda c: _facts(c, bulk_actions.c.id == bulk, 1))
        if not found:
            raise NotFound("there is no such bulk action")
        return found[0]

    async def recent(self, limit: int) -> list[BulkFacts]:
        """The newest bulk actions of all operators, newest first."""
        return await self._database.read(SERVICE, lambda c: _facts(c, sa.true(), limit))

    async def claim(self, limit: int) -> list[BulkJob]:
        """Jobs that something is still to be done to, and that nobody is at; for LEASE they are the caller's."""
        now = self._clock()
        free = sa.and_(bulk_jobs.c.state == sa.literal_column("'open'"), bulk_jobs.c.claimed_until <= now)
        if not await self._database.read(
            SERVICE, lambda c: c.execute(sa.select(bulk_jobs.c.job_id).where(free)).first()
        ):
            return []

        def work(connection: sa.Connection) -> list[BulkJob]:
            some = sa.select(bulk_jobs).where(free).order_by(bulk_jobs.c.claimed_until).limit(limit)
            rows = connection.execute(some.with_for_update(skip_locked=True)).all()
            asked = sa.select(bulk_actions.c.id, bulk_actions.c.action)
            verbs = {
                bulk: BulkVerb(action)
                for bulk, action in connection.execute(
                    asked.where(bulk_actions.c.id.in_({row.bulk_id for row in rows}))
                )
            }
            found = [
                BulkJob(
                    bulk_id=row.bulk_id,
                    owner_id=OwnerId(row.owner_id),
                    job_id=JobId(row.job_id),
                    action=verbs[row.bulk_id],
                )
                for row in rows
            ]
            for one in found:
                connection.execute(sa.update(bulk_jobs).where(*_this(one)).values(claimed_until=now + LEASE))
            return found

        return await self._database.write(SERVICE, work)

    async def settle(self, job: BulkJob, refused: str | None) -> None:
        """It was done to this job, or `refused` says why not."""
        state = BulkState.DONE if refused is None else BulkState.REFUSED
        change = sa.update(bulk_jobs).where(*_this(job)).values(state=state, reason=refused)
        await self._database.write(SERVICE, lambda c: c.execute(change))


def _matching(connection: sa.Connection, action: BulkVerb, wanted: JobFilter, now: datetime) -> list[Any]:
    """The jobs that were meant and that this can be done to."""
    state = jobs.c.state
    can: sa.ColumnElement[bool]
    match action:
        case BulkVerb.CANCEL:
            can = state.in_(OPEN)
        case BulkVerb.PAUSE:
            can = state == JobState.RUNNING
        case BulkVerb.RESUME:
            can = sa.or_(
                state == JobState.PAUSED, sa.and_(state == JobState.RUNNING, jobs.c.paused_reason.is_not(None))
            )
        case BulkVerb.RETRY:
            later = jobs.alias()
            of_book = (later.c.owner_id == jobs.c.owner_id, later.c.book_id == jobs.c.book_id)
            tried = sa.exists().where(*of_book, later.c.generation > jobs.c.generation)
            lacking = sa.and_(state == JobState.DONE, jobs.c.warning.is_not(None))
            can = sa.and_(sa.or_(state == JobState.FAILED, lacking), ~tried)
            if wanted.standing is QueueState.CANCELLED or wanted.states == (JobState.CANCELLED,):
                can = ~tried  # somebody wanted these to stop: they are begun again only when they are named
    return [*conditions(connection, wanted, now), can]


def _facts(connection: sa.Connection, which: "sa.ColumnElement[bool]", limit: int) -> list[BulkFacts]:
    rows = connection.execute(
        sa.select(bulk_actions).where(which).order_by(bulk_actions.c.asked_at.desc()).limit(limit)
    ).all()
    standing: dict[str, dict[str, int]] = {row.id: {} for row in rows}
    reasons: dict[str, dict[str, int]] = {row.id: {} for row in rows}
    mine = bulk_jobs.c.bulk_id.in_(list(standing))
    for bulk, state, reason, count in connection.execute(
        sa.select(bulk_jobs.c.bulk_id, bulk_jobs.c.state, bulk_jobs.c.reason, sa.func.count().label("count"))
        .where(mine)
        .group_by(bulk_jobs.c.bulk_id, bulk_jobs.c.state, bulk_jobs.c.reason)
        .order_by(sa.desc("count"))
    ):
        standing[bulk][state] = standing[bulk].get(state, 0) + count
        if reason is not None and len(reasons[bulk]) < MOST_REASONS:
            reasons[bulk][reason] = count
    return [
        BulkFacts(
            bulk_id=row.id,
            owner_id=OwnerId(row.owner_id),
            action=BulkVerb(row.action),
            wanted=JobFilter.model_validate(row.wanted),
            jobs=row.jobs,
            asked_at=row.asked_at,
            open=standing[row.id].get(BulkState.OPEN, 0),
            done=standing[row.id].get(BulkState.DONE, 0),
            refused=standing[row.id].get(BulkState.REFUSED, 0),
            reasons=reasons[row.id],
        )
        for row in rows
    ]


def _forget(connection: sa.Connection, before: datetime) -> None:
    old = sa.select(bulk_actions.c.id).where(bulk_actions.c.asked_at < before)
    connection.execute(sa.delete(bulk_jobs).where(bulk_jobs.c.bulk_id.in_(old)))
    connection.execute(sa.delete(bulk_actions).where(bulk_actions.c.asked_at < before))


def _this(job: BulkJob) -> "tuple[sa.ColumnElement[bool], ...]":
    return (
        bulk_jobs.c.owner_id == job.owner_id,
        bulk_jobs.c.job_id == job.job_id,
        bulk_jobs.c.bulk_id == job.bulk_id,
    )
