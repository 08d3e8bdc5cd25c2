"""What the ledger adds up to."""

from collections.abc import Sequence

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.calls import CallCounts, CallState, LedgerRow
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import StageName
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.ledger.tables import provider_calls as calls
from bookwright.store.ledger.tables import usages

PAID = (CallState.SETTLED, CallState.REJECTED, CallState.AMBIGUOUS, CallState.FENCED)
"""Attempts that reached the provider as far as anybody knows."""
CHARGED = sa.func.coalesce(attempts.c.actual_micros, attempts.c.max_micros)
"""What an attempt costs; the maximum while nobody knows."""


class UnitCosts(Payload):
    """What the calls for one stage or page cost, in micros."""

    key: str
    """The stage's name, or the page's number."""
    calls: int
    """Those that were made, and those under way."""
    cost_micros: int
    reserved_micros: int
    """The most that its calls under way can cost."""


UNDER_WAY = (CallState.RESERVED, CallState.SENT)
_IS_UNDER_WAY = attempts.c.state.in_(UNDER_WAY)
UNIT_SUMS = (
    sa.func.count(),
    sa.func.sum(sa.case((_IS_UNDER_WAY, 0), else_=CHARGED)),
    sa.func.sum(sa.case((_IS_UNDER_WAY, CHARGED), else_=0)),
)
"""The columns of `UnitCosts`, over attempts that have not failed."""
_NAMED = (*Track, StageName.CHARACTERS, StageName.ENHANCEMENT, StageName.STORY)
_STAGE = sa.case(
    *((attempts.c.unit.like(f"%/{name}%"), name.value) for name in _NAMED), else_=StageName.TEXT.value
).label("stage")
"""The stage that a call's unit belongs to, such as `page/7/narration/2` or `book/story/3`. What names none is work on
the text."""


_OF_JOB = (attempts.c.owner_id == sa.bindparam("owner"), attempts.c.job_id == sa.bindparam("job"))
_STAGE_COSTS = (
    sa.select(_STAGE, *UNIT_SUMS).where(*_OF_JOB, attempts.c.state != CallState.FAILED).group_by(sa.literal_column("1"))
)
_BY_STATE = (
    sa.select(attempts.c.state, sa.func.count(), sa.func.sum(CHARGED))
    .where(*_OF_JOB, attempts.c.state.in_(PAID))
    .group_by(attempts.c.state)
)
_REUSED = (
    sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(calls.c.cost_micros), 0))
    .select_from(usages)
    .join(calls, sa.and_(calls.c.owner_id == usages.c.owner_id, calls.c.id == usages.c.call_id))
    .where(usages.c.owner_id == sa.bindparam("owner"), usages.c.job_id == sa.bindparam("job"), usages.c.reused)
)


def stage_costs(connection: sa.Connection, owner: OwnerId, job: JobId) -> tuple[UnitCosts, ...]:
    """What the calls for each of a job's stages cost up to now, in the order of the stages."""
    rows = connection.execute(_STAGE_COSTS, {"owner": owner, "job": job})
    order = list(StageName)
    return tuple(unit_costs(stage, sums) for stage, *sums in sorted(rows, key=lambda row: order.index(row.stage)))


def unit_costs(key: str, sums: Sequence[int]) -> UnitCosts:
    """The costs from a row of `UNIT_SUMS`."""
    return UnitCosts(key=key, calls=sums[0], cost_micros=int(sums[1]), reserved_micros=int(sums[2]))


def counts(connection: sa.Connection, owner: OwnerId, job: JobId) -> CallCounts:
    """The totals of one job. A fenced answer was a call and was charged, so it counts as one."""
    of_job = {"owner": owner, "job": job}
    by_state = connection.execute(_BY_STATE, of_job).all()
    reused, saved = connection.execute(_REUSED, of_job).one()
    return CallCounts(
        calls=sum(row[1] for row in by_state),
        reused=reused,
        ambiguous=sum(row[1] for row in by_state if row[0] == CallState.AMBIGUOUS),
        cost_micros=sum(int(row[2]) for row in by_state),
        saved_micros=int(saved),
    )


def attempt_totals(connection: sa.Connection) -> dict[CallState, int]:
    """How many attempts are in each state."""
    rows = connection.execute(sa.select(attempts.c.state, sa.func.count()).group_by(attempts.c.state)).all()
    return {CallState(state): count for state, count in rows}


def ledger_rows(connection: sa.Connection, owner: OwnerId, after: int, limit: int) -> list[LedgerRow]:
    """An owner's calls in the order of their ids, each with what all its attempts cost."""
    cost = (
        sa.select(sa.func.coalesce(sa.func.sum(CHARGED), 0))
        .where(attempts.c.owner_id == calls.c.owner_id, attempts.c.call_id == calls.c.id)
        .where(attempts.c.state != CallState.FAILED)
        .scalar_subquery()
    )
    rows = connection.execute(
        sa.select(calls, cost.label("charged"))
        .where(calls.c.owner_id == owner, calls.c.id > after)
        .order_by(calls.c.id)
        .limit(limit)
    ).mappings()
    return [
        LedgerRow(
            call_id=str(row["id"]),
            key=row["key"],
            provider=row["provider"],
            model=row["model"],
            operation=row["operation"],
            state=CallState(row["state"]),
            attempts=row["attempts"],
            cost_micros=int(row["charged"]),
            created_at=row["created_at"],
        )
        for row in rows
    ]
