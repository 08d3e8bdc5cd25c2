"""Admission: which queued jobs may start now."""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.orders import BookOrder, JobKind
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import Utc
from bookwright.store.jobs.closing import order_again
from bookwright.store.jobs.records import ClaimedJob
from bookwright.store.tables import jobs, users

CLAIM_LEASE = timedelta(seconds=10)
"""A dispatcher that claimed a job and did not start it has this long until another may."""
_ADMISSION_LOCK = 0x626F6F6B
"""Key of the advisory lock under which jobs under way are counted and claimed; the limits hold among dispatchers."""
A_MINUTE = timedelta(minutes=1)
HEAVIEST = 10.0
NEWCOMERS = 1
"""Places of each kind beyond its limit, for users who have nothing under way: whoever comes to a flood of another's
books waits for none of them to end."""


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
    """Claim jobs and answer them: within the limit of those under way of each kind (but for NEWCOMERS) and of each user
    (`per_user`, unless the user has a limit of their own), and of those of a kind that start in a minute, where `rates`
    has one. Paused jobs take up no room: some wait for a person for weeks."""
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
    starts = {kind: rates[kind] - _started(connection, kind, now) for kind in limits if kind in rates}
    room = {kind: _Room(limit - by_kind[kind], starts.get(kind, batch)) for kind, limit in limits.items()}
    waiting = [row for query in _candidates(room, list(by_owner), batch, now) for row in connection.execute(query)]
    if not waiting:
        return []
    chosen = _chosen(waiting, room, by_owner, _own_limits(connection), per_user, batch)
    if not chosen:
        return []
    claimed = connection.execute(
        sa.update(jobs).where(jobs.c.number.in_(chosen)).values(claimed_until=now + CLAIM_LEASE).returning(jobs)
    )
    by_number = {row.number: row for row in claimed}
    weights = _weights(connection, {row.owner_id for row in by_number.values()})
    return [
        ClaimedJob(
            owner_id=OwnerId(by_number[number].owner_id),
            job_id=JobId(by_number[number].id),
            number=number,
            workflow_id=by_number[number].workflow_id,
            order=_order(connection, by_number[number]),
            trace=by_number[number].trace,
            weight=weights[by_number[number].owner_id],
        )
        for number in chosen
    ]


def _weights(connection: sa.Connection, owners: Collection[str]) -> dict[str, float]:
    """The turns of users beside the one who has the most jobs open: twice as many for half as many jobs, and so on up
    to HEAVIEST."""
    states = (JobState.QUEUED, JobState.RUNNING)
    query = sa.select(jobs.c.owner_id, sa.func.count().label("open")).where(jobs.c.state.in_(states))
    open_jobs = {row.owner_id: row.open for row in connection.execute(query.group_by(jobs.c.owner_id))}
    most = max(open_jobs.values())
    return {owner: min(most / open_jobs[owner], HEAVIEST) for owner in owners}


def _started(connection: sa.Connection, kind: JobKind, now: datetime) -> int:
    """How many jobs of the kind began in the last minute, or are being started."""
    starting = sa.and_(jobs.c.state == JobState.QUEUED, jobs.c.claimed_until > now)
    recent = sa.or_(jobs.c.started_at > now - A_MINUTE, starting)
    return connection.execute(sa.select(sa.func.count()).where(jobs.c.kind == kind, recent)).scalar_one()


def _order(connection: sa.Connection, row: Any) -> BookOrder:
    order = BookOrder.model_validate(row.ordered)
    return order_again(connection, row.owner_id, row.id, order) if row.retries else order


@dataclass
class _Room:
    """How many more jobs of a kind may start."""

    places: int
    """Within the limit of those at once; below 0 when newcomers take up places beyond it."""
    starts: int
    """Within what may start in a minute."""

    @property
    def for_all(self) -> bool:
        return self.places > 0 and self.starts > 0

    @property
    def for_newcomers(self) -> bool:
        return self.places > -NEWCOMERS and self.starts > 0


def _chosen(
    waiting: Sequence[Any],
    room: Mapping[JobKind, _Room],
    by_owner: Counter[str],
    own_limits: Mapping[str, int],
    per_user: int | None,
    batch: int,
) -> list[int]:
    """The jobs to start, by number: by priority; of equal ones the one whose user has the fewest under way; then first
    come, first served."""
    lines: dict[str, deque[Any]] = {}
    for row in sorted(waiting, key=lambda row: (row.priority, row.number)):
        lines.setdefault(row.owner_id, deque()).append(row)
    heap = [(line[0].priority, by_owner[owner], line[0].number, owner) for owner, line in lines.items()]
    heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < batch:
        _, count, number, owner = heappop(heap)
        line = lines[owner]
        left = room[JobKind(line.popleft().kind)]
        most = own_limits.get(owner, per_user)
        if most is not None and count >= most:
            continue
        if left.for_all or (count == 0 and left.for_newcomers):
            chosen.append(number)
            left.places -= 1
            left.starts -= 1
            count += 1
        if line:
            heappush(heap, (line[0].priority, count, line[0].number, owner))
    return chosen


def _own_limits(connection: sa.Connection) -> dict[str, int]:
    """The jobs at once of the users who have a limit of their own."""
    query = sa.select(users.c.owner_id, users.c.jobs_at_once).where(users.c.jobs_at_once.is_not(None))
    return {row.owner_id: row.jobs_at_once for row in connection.execute(query)}


def _candidates(
    room: Mapping[JobKind, _Room], busy: Sequence[str], batch: int, now: datetime
) -> "Iterator[sa.Select[tuple[int, str, str, int]]]":
    """The queued jobs to choose from. Where there is room, of each user no more than could start at all, so that
    thousands of one user's jobs don't hide another's; of kinds that are full, those of users who have nothing under
    way. Rows that somebody else is changing are passed over."""
    columns = (jobs.c.number, jobs.c.owner_id, jobs.c.kind, jobs.c.priority)
    open_to_all = [kind for kind, left in room.items() if left.for_all]
    if open_to_all:
        waiting = sa.and_(jobs.c.kind.in_(open_to_all), *_may_start(now))
        order = (jobs.c.priority, jobs.c.number)
        turn = sa.func.row_number().over(partition_by=(jobs.c.owner_id, jobs.c.kind), order_by=order)
        ranked = sa.select(jobs.c.number, turn.label("turn")).where(waiting).subquery()
        first = sa.select(ranked.c.number).where(ranked.c.turn <= batch)
        yield sa.select(*columns).where(jobs.c.number.in_(first), waiting).with_for_update(skip_locked=True)
    full = [kind for kind, left in room.items() if left.for_newcomers and not left.for_all]
    if full:
        newcomers = sa.select(*columns).where(jobs.c.kind.in_(full), jobs.c.owner_id.not_in(busy), *_may_start(now))
        oldest = newcomers.order_by(jobs.c.priority, jobs.c.number).limit(batch)
        yield oldest.with_for_update(skip_locked=True)
