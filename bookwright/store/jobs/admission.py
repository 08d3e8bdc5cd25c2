"""Admission: which queued jobs may start now."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.orders import BookOrder, JobKind
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import Utc
from bookwright.store.jobs.closing import order_again
from bookwright.store.jobs.records import ClaimedJob
from bookwright.store.tables import jobs

CLAIM_LEASE = timedelta(seconds=10)
"""A dispatcher that claimed a job and did not start it has this long until another may."""
_ADMISSION_LOCK = 0x626F6F6B
"""Key of the advisory lock under which jobs under way are counted and claimed; the limits hold among dispatchers."""
A_MINUTE = timedelta(minutes=1)


def _may_start(now: Any) -> "tuple[sa.ColumnElement[bool], ...]":
    """Queued, due, and nobody is starting it."""
    return (
        jobs.c.state == JobState.QUEUED,
        sa.or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until <= now),
        sa.or_(jobs.c.due_at.is_(None), jobs.c.due_at <= now),
    )


_WAITING = sa.select(sa.literal(1)).where(*_may_start(sa.bindparam("p_now", type_=Utc))).limit(1)
"""Built once: it is asked twenty times a second."""


def is_waiting(connection: sa.Connection, now: datetime) -> bool:
    """Whether any job is queued and due that nobody is starting."""
    return connection.execute(_WAITING, {"p_now": now}).first() is not None


def claim(
    connection: sa.Connection,
    limits: Mapping[JobKind, int],
    rates: Mapping[JobKind, int],
    per_user: int | None,
    batch: int,
    now: datetime,
) -> list[ClaimedJob]:
    """Claim jobs and answer them: within the limit of those under way of each kind and of each user, and of those of a
    kind that start in a minute, where `rates` has one. Paused jobs take up no room: some wait for a person for
    weeks."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADMISSION_LOCK)))
    under_way = sa.or_(
        jobs.c.state == JobState.RUNNING,
        sa.and_(jobs.c.state == JobState.QUEUED, jobs.c.claimed_until > now),
    )
    by_kind: Counter[str] = Counter()
    by_owner: Counter[str] = Counter()
    for owner, kind, count in connection.execute(
        sa.select(jobs.c.owner_id, jobs.c.kind, sa.func.count()).where(under_way).group_by(jobs.c.owner_id, jobs.c.kind)
    ):
        by_kind[kind] += count
        by_owner[owner] += count
    room = {kind: limit - by_kind[kind] for kind, limit in limits.items()}
    for kind, rate in ((kind, rate) for kind, rate in rates.items() if kind in room):
        room[kind] = min(room[kind], rate - _started(connection, kind, now))
    room = {kind: left for kind, left in room.items() if left > 0}
    if not room:
        return []
    chosen: list[int] = []
    for job in connection.execute(_candidates(room, per_user, batch, now)):
        fits = room[JobKind(job.kind)] > 0 and (per_user is None or by_owner[job.owner_id] < per_user)
        if fits and len(chosen) < batch:
            chosen.append(job.number)
            room[JobKind(job.kind)] -= 1
            by_owner[job.owner_id] += 1
    if not chosen:
        return []
    claimed = connection.execute(
        sa.update(jobs).where(jobs.c.number.in_(chosen)).values(claimed_until=now + CLAIM_LEASE).returning(jobs)
    )
    by_number = {row.number: row for row in claimed}
    return [
        ClaimedJob(
            owner_id=OwnerId(by_number[number].owner_id),
            job_id=JobId(by_number[number].id),
            number=number,
            workflow_id=by_number[number].workflow_id,
            order=_order(connection, by_number[number]),
            trace=by_number[number].trace,
        )
        for number in chosen
    ]


def _started(connection: sa.Connection, kind: JobKind, now: datetime) -> int:
    """How many jobs of the kind began in the last minute, or are being started."""
    starting = sa.and_(jobs.c.state == JobState.QUEUED, jobs.c.claimed_until > now)
    recent = sa.or_(jobs.c.started_at > now - A_MINUTE, starting)
    return connection.execute(sa.select(sa.func.count()).where(jobs.c.kind == kind, recent)).scalar_one()


def _order(connection: sa.Connection, row: Any) -> BookOrder:
    order = BookOrder.model_validate(row.ordered)
    return order_again(connection, row.owner_id, row.id, order) if row.retries else order


def _candidates(
    room: Mapping[JobKind, int], per_user: int | None, batch: int, now: datetime
) -> "sa.Select[tuple[int, str, str]]":
    """The queued jobs to choose from, best first: of each user no more than could start at all, so that thousands
    of one user's jobs don't hide another's. Rows that somebody else is changing are passed over."""
    waiting = sa.and_(jobs.c.kind.in_(list(room)), *_may_start(now))
    turn = sa.func.row_number().over(
        partition_by=(jobs.c.owner_id, jobs.c.kind), order_by=(jobs.c.priority, jobs.c.number)
    )
    ranked = sa.select(jobs.c.number, turn.label("turn")).where(waiting).subquery()
    each = batch if per_user is None else min(batch, per_user)
    return (
        sa.select(jobs.c.number, jobs.c.owner_id, jobs.c.kind)
        .where(jobs.c.number.in_(sa.select(ranked.c.number).where(ranked.c.turn <= each)), waiting)
        .order_by(jobs.c.priority, jobs.c.number)
        .with_for_update(skip_locked=True)
    )
