"""Alerts: found again and again in what the store has, and written once for each cause and hour."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from bookwright.contracts.deliveries import NOBODY, Alert, AlertKind, DeliveryState, Outlet
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert
from bookwright.store.ingestion.tables import processing_jobs
from bookwright.store.jobs.records import EventKind
from bookwright.store.ledger.budgets import STOPPED
from bookwright.store.tables import events, jobs
from bookwright.store.webhooks.tables import alerts, deliveries, webhooks

HOUR = timedelta(hours=1)
LOOKED_BACK = 2
"""Hours: what happened just before the hour struck is found after it."""
BY_OWNER = "its owner disabled it"
"""The reason of a webhook that nobody needs to be told of."""
_MOST_TEXT = 200


class Found(NamedTuple):
    """Something that an operator should see, not yet written down."""

    kind: AlertKind
    cause: str
    message: str
    times: int
    at: datetime
    user: OwnerId | None = None


class AlertStore:
    """Alerts, for operators."""

    def __init__(
        self, database: Database, outlets: Sequence[Outlet] = (), clock: Callable[[], datetime] = utcnow
    ) -> None:
        """A new alert goes to each of the outlets."""
        self._database = database
        self._outlets = tuple(outlets)
        self._clock = clock

    async def look(self) -> None:
        """Write down what the store shows of the last hours. Safe to repeat, and for several at once."""
        now = self._clock()
        if found := await self._database.read(SERVICE, lambda c: _found(c, now)):
            await self.record(found)

    async def record(self, found: Sequence[Found]) -> None:
        """Write these down; those that are known only count on, and are sent no more."""
        ordered = sorted(found, key=lambda one: one[:2])  # always the same order: rows are locked one by one

        def work(connection: sa.Connection) -> None:
            for one in ordered:
                self._record(connection, one)

        await self._database.write(SERVICE, work)

    async def alerts(self, limit: int, cursor: int | None = None, *, acknowledged: bool | None = None) -> list[Alert]:
        """Alerts, newest first: all, or those that are acknowledged, or not."""
        query = sa.select(alerts)
        if acknowledged is not None:
            seen = alerts.c.acknowledged_at.is_not(None)
            query = query.where(seen if acknowledged else sa.not_(seen))
        if cursor is not None:
            query = query.where(alerts.c.number < cursor)
        query = query.order_by(alerts.c.number.desc()).limit(limit)
        rows = await self._database.read(SERVICE, lambda c: c.execute(query).all())
        return [alert_of(row) for row in rows]

    async def acknowledge(self, number: int, by: OwnerId) -> Alert:
        """Somebody has seen it; the first one stays. Raises NotFound."""
        this = sa.update(alerts).where(alerts.c.number == number)
        changes = {
            "acknowledged_at": sa.func.coalesce(alerts.c.acknowledged_at, self._clock()),
            "acknowledged_by": sa.func.coalesce(alerts.c.acknowledged_by, by),
        }
        statement = this.values(changes).returning(alerts)
        row = await self._database.write(SERVICE, lambda c: c.execute(statement).one_or_none())
        if row is None:
            raise NotFound("there is no such alert")
        return alert_of(row)

    def _record(self, connection: sa.Connection, found: Found) -> None:
        hour = found.at.replace(minute=0, second=0, microsecond=0)
        row = {
            "kind": found.kind,
            "cause": found.cause,
            "hour": hour,
            "message": found.message,
            "count": found.times,
            "user_id": found.user,
            "first_at": found.at,
            "last_at": found.at,
        }
        this = (alerts.c.kind == found.kind, alerts.c.cause == found.cause, alerts.c.hour == hour)
        more = sa.update(alerts).where(*this, sa.or_(alerts.c.count < found.times, alerts.c.last_at < found.at))
        connection.execute(more.values(count=found.times, message=found.message, last_at=found.at))
        if connection.execute(sa.select(alerts.c.number).where(*this)).first():
            return  # an insert that only finds this out takes a number
        number = connection.execute(
            insert(connection, alerts).values(row).on_conflict_do_nothing().returning(alerts.c.number)
        ).scalar()
        for outlet in self._outlets if number is not None else ():
            connection.execute(
                sa.insert(deliveries).values(
                    id=str(uuid4()),
                    owner_id=NOBODY,
                    outlet=outlet,
                    alert=number,
                    event=f"alert.{found.kind}",
                    body="",  # it is put into words when it is sent
                    state=DeliveryState.PENDING,
                    created_at=self._clock(),
                )
            )


def alert_of(row: Any) -> Alert:
    """An alert from its row."""
    return Alert(
        number=row.number,
        kind=AlertKind(row.kind),
        cause=row.cause,
        message=row.message,
        count=row.count,
        user_id=OwnerId(row.user_id) if row.user_id else None,
        first_at=row.first_at,
        last_at=row.last_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
    )


def _found(connection: sa.Connection, now: datetime) -> list[Found]:
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    found = _over_budget(connection, this_hour - HOUR) + _disabled(connection, this_hour - HOUR)
    for back in range(LOOKED_BACK):
        begin = this_hour - back * HOUR
        found += _failed_jobs(connection, begin) + _dead_letters(connection, begin)
    return found


def _failed_jobs(connection: sa.Connection, begin: datetime) -> list[Found]:
    """Those of one hour, by kind and error."""
    when = (jobs.c.closed_at >= begin, jobs.c.closed_at < begin + HOUR)
    query = (
        sa.select(jobs.c.kind, jobs.c.error, sa.func.count().label("jobs"), sa.func.max(jobs.c.closed_at).label("at"))
        .where(*when, jobs.c.state == JobState.FAILED)
        .group_by(jobs.c.kind, jobs.c.error)
    )
    found = []
    for row in connection.execute(query):
        why = _short(row.error or "no reason is known")
        what = f"{row.jobs} {row.kind} job{'s have' if row.jobs > 1 else ' has'} failed: {why}"
        found.append(Found(AlertKind.JOB_FAILED, _cause(row.kind, row.error), what, row.jobs, row.at))
    return found


def _dead_letters(connection: sa.Connection, begin: datetime) -> list[Found]:
    """Those of one hour, by step."""
    when = (processing_jobs.c.completed_at >= begin, processing_jobs.c.completed_at < begin + HOUR)
    query = (
        sa.select(
            processing_jobs.c.job_type,
            sa.func.count().label("steps"),
            sa.func.max(processing_jobs.c.completed_at).label("at"),
        )
        .where(*when, processing_jobs.c.state == "failed")
        .group_by(processing_jobs.c.job_type)
    )
    return [
        Found(
            AlertKind.DEAD_LETTER,
            row.job_type,
            f"{row.steps} step{'s' * (row.steps > 1)} of audiobooks ({row.job_type}) failed for good and can be "
            "restarted",
            row.steps,
            row.at,
        )
        for row in connection.execute(query)
    ]


def _over_budget(connection: sa.Connection, since: datetime) -> list[Found]:
    """Jobs that a budget has stopped since then, by user and reason: a job's own budget, or a month's."""
    stopped = (
        sa.select(sa.func.max(events.c.at))
        .where(events.c.owner_id == jobs.c.owner_id, events.c.job_id == jobs.c.id, events.c.kind == EventKind.HOLD)
        .scalar_subquery()
    )
    query = sa.select(jobs.c.owner_id, jobs.c.paused_reason, stopped.label("at")).where(
        jobs.c.state == JobState.PAUSED, jobs.c.paused_reason.startswith(STOPPED)
    )
    by_cause: dict[tuple[str, str, datetime], list[datetime]] = {}
    for row in connection.execute(query):
        if row.at is not None and row.at >= since:
            hour = row.at.replace(minute=0, second=0, microsecond=0)
            by_cause.setdefault((row.owner_id, row.paused_reason.partition(".")[0], hour), []).append(row.at)
    return [
        Found(
            AlertKind.BUDGET_REACHED,
            _cause(owner, reason),
            f"{reason} of {owner}: {len(times)} job{'s stand' if len(times) > 1 else ' stands'} still",
            len(times),
            max(times),
            OwnerId(owner),
        )
        for (owner, reason, _), times in by_cause.items()
    ]


def _disabled(connection: sa.Connection, since: datetime) -> list[Found]:
    """Webhooks that were disabled since then, but for those whose owners did it."""
    query = sa.select(webhooks).where(webhooks.c.disabled_at >= since, webhooks.c.disabled_reason != BY_OWNER)
    return [
        Found(
            AlertKind.WEBHOOK_DISABLED,
            row.id,
            f"webhook {row.number} of {row.owner_id} is disabled: {row.disabled_reason}",
            1,
            row.disabled_at,
            OwnerId(row.owner_id),
        )
        for row in connection.execute(query)
    ]


def _cause(*parts: str | None) -> str:
    """What alerts of the same cause have in common, of a length that fits."""
    return hashlib.sha256("\n".join(part or "" for part in parts).encode()).hexdigest()[:32]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_TEXT else f"{line[: _MOST_TEXT - 1]}…"
