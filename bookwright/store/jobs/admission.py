"""Admission: which queued jobs may start now."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.orders import BookOrder, JobKind
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import Utc
from bookwright.store.jobs.records import ClaimedJob
from bookwright.store.tables import jobs

CLAIM_LEASE = timedelta(seconds=10)
"""A dispatcher that claimed a job and did not start it has this long until another may."""
_ADMISSION_LOCK = 0x626F6F6B
"""Key of the advisory lock under which jobs under way are counted and claimed; the limits hold among dispatchers."""


_WAITING = (
    sa.select(sa.literal(1))
    .where(
        jobs.c.state == JobState.QUEUED,
        sa.or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until <= sa.bindparam("p_now", type_=Utc)),
    )
    .limit(1)
)
"""Built once: it is asked twenty times a second."""


def is_waiting(connection: sa.Connection, now: datetime) -> bool:
    """Whether any job is queued that nobody is starting."""
    return connection.execute(_WAITING, {"p_now": now}).first() is not None


def claim(
    connection: sa.Connection, limits: Mapping[JobKind, int], per_user: int | None, batch: int, now: datetime
) -> list[ClaimedJob]:
    """Claim jobs and answer them. Paused jobs take up no room: some wait for a person for weeks."""
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
    room = {kind: limit - by_kind[kind] for kind, limit in limits.items() if limit > by_kind[kind]}
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
        sa.update(jobs)
        .where(jobs.c.number.in_(chosen))
        .values(claimed_until=now + CLAIM_LEASE)
        .returning(jobs.c.number, jobs.c.owner_id, jobs.c.id, jobs.c.workflow_id, jobs.c.ordered, jobs.c.trace)
    )
    by_number = {row.number: row for row in claimed}
    return [
        ClaimedJob(
            owner_id=OwnerId(by_number[number].owner_id),
            job_id=JobId(by_number[number].id),
            number=number,
            workflow_id=by_number[number].workflow_id,
            order=BookOrder.model_validate(by_number[number].ordered),
            trace=by_number[number].trace,
        )
        for number in chosen
    ]


def _candidates(
    room: Mapping[JobKind, int], per_user: int | None, batch: int, now: datetime
) -> "sa.Select[tuple[int, str, str]]":
    """The queued jobs to choose from, best first: of each user no more than could start at all, so that thousands
    of one user's jobs don't hide another's. Rows that somebody else is changing are passed over."""
    waiting = sa.and_(
        jobs.c.state == JobState.QUEUED,
        jobs.c.kind.in_(list(room)),
        sa.or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until <= now),
    )
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
