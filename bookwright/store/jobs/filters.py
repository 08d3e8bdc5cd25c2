"""Which jobs somebody means: the filter of lists and of what is done to many jobs at once."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import JobState
from bookwright.store.tables import books, jobs

SEARCHED = 10_000
"""The newest books, whose titles are looked through. Whoever looks for an older one knows when it was, or its id."""
CLOCKS_APART = timedelta(minutes=5)
"""Numbers follow the time at which jobs came in, but for clocks that differ and transactions that overtake."""


class QueueState(StrEnum):
    """Where jobs stand, as the figures count them: each job is in one of these."""

    WAITING = "waiting"
    """Queued."""
    ACTIVE = "active"
    """Running."""
    DELAYED = "delayed"
    """Running and put off by a provider, or queued for a later time."""
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobFilter(Payload):
    """Which jobs are wanted; None is all."""

    kind: JobKind | None = None
    states: tuple[JobState, ...] | None = None
    standing: QueueState | None = None
    owner: OwnerId | None = None
    since: datetime | None = None
    """Came in at this time or later."""
    until: datetime | None = None
    """Came in before this time."""
    q: str | None = None
    """Part of the title of one of the newest books, or a job's or book's id or number."""


def conditions(connection: sa.Connection, wanted: JobFilter, now: datetime) -> list[Any]:
    """What a query of `jobs` has to go by. The numbers that times stand for are looked up here, so that the planner
    sees how much of the table they leave: lists are in the order of numbers."""
    where: list[Any] = []
    if wanted.owner is not None:
        where.append(jobs.c.owner_id == wanted.owner)
    if wanted.kind is not None:
        where.append(jobs.c.kind == wanted.kind)
    if wanted.states is not None:
        where.append(jobs.c.state.in_(wanted.states))
    if wanted.standing is not None:
        where.append(standing(wanted.standing, now))
    if wanted.since is not None:
        where.append(jobs.c.created_at >= wanted.since)
    if wanted.until is not None:
        where.append(jobs.c.created_at < wanted.until)
    if wanted.q:
        where.append(_matches(wanted.q))
    return where + _numbers(connection, wanted)


def delayed(now: datetime) -> "sa.ColumnElement[bool]":
    """Whether a job that runs or is queued is put off."""
    put_off = sa.and_(jobs.c.state == JobState.RUNNING, jobs.c.paused_reason.is_not(None))
    return sa.or_(put_off, sa.and_(jobs.c.state == JobState.QUEUED, jobs.c.due_at > now))


def standing(wanted: QueueState, now: datetime) -> "sa.ColumnElement[bool]":
    """Whether a job stands there."""
    match wanted:
        case QueueState.DELAYED:
            return delayed(now)
        case QueueState.WAITING:
            due = sa.or_(jobs.c.due_at.is_(None), jobs.c.due_at <= now)
            return sa.and_(jobs.c.state == JobState.QUEUED, due)
        case QueueState.ACTIVE:
            return sa.and_(jobs.c.state == JobState.RUNNING, jobs.c.paused_reason.is_(None))
    return jobs.c.state == _STATES[wanted]


_STATES = {
    QueueState.PAUSED: JobState.PAUSED,
    QueueState.COMPLETED: JobState.DONE,
    QueueState.FAILED: JobState.FAILED,
    QueueState.CANCELLED: JobState.CANCELLED,
}


def _numbers(connection: sa.Connection, wanted: JobFilter) -> list[Any]:
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
