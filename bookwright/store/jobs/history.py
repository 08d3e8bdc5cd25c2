"""What happened over time: jobs that ended, how long they took and what calls cost, by steps of equal length."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import BadInput
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import Utc, utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import seconds_since
from bookwright.store.ledger.report import CHARGED, PAID
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.tables import jobs

FRESH = timedelta(seconds=5)
"""How long a look serves everybody who asks, at least: of a week it is a minute."""
MOST_STEPS = 200
EPOCH = datetime(2000, 1, 3, tzinfo=UTC)
"""A Monday's midnight: steps begin at whole multiples of their length after it."""


class HistoryStep(Payload):
    """A stretch of time, from `at` on."""

    at: datetime
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    p50: float | None = None
    """Seconds from the start to the end of the jobs that were completed: half of them took no longer."""
    p95: float | None = None
    cost_micros: int = 0
    """Of calls reserved in it that reached a provider; those without a known outcome at their most."""


class History:
    """What happened, counted once for everybody who asks within seconds."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock
        self._looks: dict[tuple[timedelta, timedelta], tuple[datetime, asyncio.Task[tuple[HistoryStep, ...]]]] = {}

    async def steps(self, span: timedelta, step: timedelta) -> tuple[HistoryStep, ...]:
        """The last `span` in steps, oldest first; the last one is the one under way. Raises BadInput for more steps
        than MOST_STEPS."""
        if span / step > MOST_STEPS:
            raise BadInput(f"that is more than {MOST_STEPS} steps: take longer ones", field="step")
        now = self._clock()
        look = self._looks.get((span, step))
        if look is None or now - look[0] >= max(FRESH, span / 10_000) or (look[1].done() and look[1].exception()):
            looking = self._database.read(SERVICE, lambda c: _steps(c, now, span, step))
            look = self._looks[span, step] = now, asyncio.ensure_future(looking)
        return await asyncio.shield(look[1])


def _steps(connection: sa.Connection, now: datetime, span: timedelta, step: timedelta) -> tuple[HistoryStep, ...]:
    count = -(-span // step)
    first = EPOCH + ((now - EPOCH) // step - count + 1) * step
    found: list[dict[str, Any]] = [{"at": first + number * step} for number in range(count)]
    for row in connection.execute(_ended(connection, first, now, step)):
        into = found[row.step]
        into[_NAMES[JobState(row.state)]] = row.count
        if row.state == JobState.DONE and row.timed:
            into |= {"p50": round(float(row.p50), 3), "p95": round(float(row.p95), 3)}
    for row in connection.execute(_cost(connection, first, now, step)):
        found[row.step]["cost_micros"] = int(row.micros)
    return tuple(HistoryStep.model_validate(one) for one in found)


_NAMES = {JobState.DONE: "completed", JobState.FAILED: "failed", JobState.CANCELLED: "cancelled"}


def _ended(connection: sa.Connection, first: datetime, now: datetime, step: timedelta) -> "sa.Select[Any]":
    """Jobs that ended, by step and state, with the nearest ranks of their durations: a job that was never started has
    none."""
    dialect = connection.dialect.name
    took = seconds_since(dialect, jobs.c.closed_at, jobs.c.started_at).label("took")
    place = _place(dialect, jobs.c.closed_at, first, step)
    ended = (
        sa.select(place, jobs.c.state, took)
        .where(jobs.c.closed_at >= first, jobs.c.closed_at <= now, jobs.c.state.in_(_NAMES))
        .subquery()
    )
    of_step = (ended.c.step, ended.c.state)
    rank = sa.func.row_number().over(partition_by=of_step, order_by=ended.c.took.nulls_last())
    timed = sa.func.count(ended.c.took).over(partition_by=of_step)
    ranked = sa.select(*of_step, ended.c.took, rank.label("rank"), timed.label("timed")).subquery()
    before = ranked.c.rank - 1
    return sa.select(
        ranked.c.step,
        ranked.c.state,
        sa.func.count().label("count"),
        sa.func.max(ranked.c.timed).label("timed"),
        sa.func.max(ranked.c.took).filter(before * 2 <= ranked.c.timed).label("p50"),
        sa.func.max(ranked.c.took).filter(before * 20 <= ranked.c.timed * 19).label("p95"),
    ).group_by(ranked.c.step, ranked.c.state)


def _cost(connection: sa.Connection, first: datetime, now: datetime, step: timedelta) -> "sa.Select[Any]":
    place = _place(connection.dialect.name, attempts.c.reserved_at, first, step)
    spent = sa.select(place, CHARGED.label("micros")).where(
        attempts.c.reserved_at >= first,
        attempts.c.reserved_at <= now,
        attempts.c.max_micros > sa.literal_column("0"),
        attempts.c.state.in_(PAID),
    )
    of_step = spent.subquery()
    return sa.select(of_step.c.step, sa.func.sum(of_step.c.micros).label("micros")).group_by(of_step.c.step)


def _place(dialect: str, moment: "sa.ColumnElement[Any]", first: datetime, step: timedelta) -> "sa.ColumnElement[int]":
    """In which step it was. Half a millisecond is added, so that rounding puts nothing into the step before."""
    seconds = seconds_since(dialect, moment, sa.literal(first, Utc))
    place = (seconds + sa.literal_column("0.0005")) / sa.literal(step.total_seconds(), sa.Float)
    whole = place if dialect == "sqlite" else sa.func.floor(place)
    return sa.cast(whole, sa.Integer).label("step")
