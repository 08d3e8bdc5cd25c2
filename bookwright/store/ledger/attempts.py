"""Attempts at a call: how one is begun, gone on with by the next, and ended. All within the caller's transaction."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.calls import (
    Answer,
    CallState,
    Holder,
    ProviderCall,
    RemoteTrace,
    Reservation,
    Usage,
)
from bookwright.contracts.errors import CallInFlight, NotFound, TakeRejected
from bookwright.contracts.ids import AssetId, OwnerId
from bookwright.store.blobs import Blob, record_blob
from bookwright.store.ledger import statements as sql
from bookwright.store.ledger.budgets import commit_to, correct_by

RESERVED_FOR = timedelta(seconds=60)
"""How long a reservation that was not sent keeps others from making the call."""


def reserve(
    connection: sa.Connection,
    call: ProviderCall,
    key: str,
    usage: Usage,
    holder: Holder,
    now: datetime,
    month_budget: int | None,
) -> Reservation | Answer:
    """The next attempt, with what an earlier one has left at the provider; or the answer that was bought before. Raises
    CallInFlight, TakeRejected or BudgetReached."""
    created = connection.execute(
        sql.NEW_CALL[connection.dialect.name],
        {
            "p_owner_id": usage.owner_id,
            "p_key": key,
            "p_provider": call.provider,
            "p_model": call.model,
            "p_operation": call.operation,
            "p_take": call.take,
            "p_created_at": now,
        },
    ).scalar()
    if created is not None:
        return _begin(connection, created, 1, call, usage, holder, now, month_budget)
    row = connection.execute(sql.CALL_BY_KEY, {"p_owner": usage.owner_id, "p_key": key}).one()
    if row.state == CallState.SETTLED:
        _use(connection, row.id, usage, reused=(row.job_id, row.unit) != (usage.job_id, usage.unit))
        return Answer(asset=AssetId(row.asset), facts=row.facts, cost_micros=row.cost_micros, reused=True)
    if row.state == CallState.REJECTED:
        raise TakeRejected("this take's answer could not be used; ask for the next one")
    in_flight = row.state in (CallState.RESERVED, CallState.SENT)
    if in_flight and not _may_take_over(row, holder, now):
        raise CallInFlight("somebody else is making this very call")
    trace = None
    if row.token is not None and row.state != CallState.FAILED:
        trace = RemoteTrace(token=row.token, external_id=row.external_id)
    if in_flight or trace:
        _supersede(connection, usage.owner_id, row, trace, now)
    fence = row.attempts + 1
    connection.execute(sql.NEXT_ATTEMPT, {"p_owner": usage.owner_id, "p_call": row.id, "p_fence": fence})
    return _begin(connection, row.id, fence, call, usage, holder, now, month_budget, trace)


def _may_take_over(row: Any, holder: Holder, now: datetime) -> bool:
    if row.holder == holder.activity and row.holder_attempt != holder.attempt:
        # A later attempt knows that the earlier one was given up; an earlier one is itself what was given up.
        return bool(row.holder_attempt < holder.attempt)
    return bool(row.deadline < now)


def _supersede(connection: sa.Connection, owner: OwnerId, row: Any, trace: RemoteTrace | None, now: datetime) -> None:
    parameters = {"p_owner": owner, "p_call": row.id, "p_fence": row.attempts}
    if trace is not None:  # what the job costs is the next attempt's now
        end_attempt(
            connection, parameters, CallState.FAILED, now, cost=0, reason="a later attempt goes on with its job"
        )
    elif row.state == CallState.SENT:
        end_attempt(connection, parameters, CallState.AMBIGUOUS, now, cost=None, reason="taken over")
    else:
        end_attempt(connection, parameters, CallState.FAILED, now, cost=0, reason="taken over before it was sent")


def _begin(
    connection: sa.Connection,
    call_id: int,
    fence: int,
    call: ProviderCall,
    usage: Usage,
    holder: Holder,
    now: datetime,
    month_budget: int | None,
    trace: RemoteTrace | None = None,
) -> Reservation:
    month = now.strftime("%Y-%m")
    commit_to(connection, usage.owner_id, usage.job_id, month, call.max_cost_micros, month_budget)
    connection.execute(
        sql.NEW_ATTEMPT,
        {
            "p_owner_id": usage.owner_id,
            "p_call_id": call_id,
            "p_fence": fence,
            "p_book_id": usage.book_id,
            "p_job_id": usage.job_id,
            "p_unit": usage.unit,
            "p_month": month,
            "p_holder": holder.activity,
            "p_holder_attempt": holder.attempt,
            "p_max_micros": call.max_cost_micros,
            "p_deadline": now + RESERVED_FOR,
            "p_reserved_at": now,
            "p_token": trace.token if trace else None,
            "p_external_id": trace.external_id if trace else None,
        },
    )
    _use(connection, call_id, usage, reused=False)
    return Reservation(
        owner_id=usage.owner_id,
        call_id=str(call_id),
        fence=fence,
        max_cost_micros=call.max_cost_micros,
        trace=trace,
    )


def _use(connection: sa.Connection, call_id: int, usage: Usage, *, reused: bool) -> None:
    connection.execute(
        sql.USE[connection.dialect.name],
        {
            "p_owner_id": usage.owner_id,
            "p_call_id": call_id,
            "p_book_id": usage.book_id,
            "p_unit": usage.unit,
            "p_job_id": usage.job_id,
            "p_reused": reused,
        },
    )


def settle(connection: sa.Connection, reservation: Reservation, answer: Answer, blob: Blob, now: datetime) -> bool:
    """True when the answer counts, False when it came too late."""
    parameters = named(reservation)
    record_blob(connection, reservation.owner_id, blob)
    settled = connection.execute(
        sql.SETTLE_CALL,
        parameters | {"p_asset": answer.asset, "p_facts": answer.facts, "p_cost": answer.cost_micros},
    ).rowcount
    if settled:
        end_attempt(connection, parameters, CallState.SETTLED, now, cost=answer.cost_micros, answer=answer)
        return True
    connection.execute(sql.LOCK_CALL, parameters)
    attempt = connection.execute(sql.ATTEMPT, parameters).one_or_none()
    if attempt is None:
        raise NotFound("there is no such reservation")
    if attempt.newest == reservation.fence and attempt.state == CallState.SETTLED:
        return True  # settled before; the caller did not learn of it
    end_attempt(connection, parameters, CallState.FENCED, now, cost=answer.cost_micros, answer=answer)
    return False


def end_attempt(
    connection: sa.Connection,
    parameters: dict[str, Any],
    state: CallState,
    now: datetime,
    *,
    cost: int | None,
    reason: str | None = None,
    answer: Answer | None = None,
) -> None:
    """End an attempt unless it has ended before, and charge `cost` in place of its maximum (None: the maximum)."""
    row = connection.execute(
        sql.END_ATTEMPT,
        parameters
        | {
            "p_state": state,
            "p_cost": cost,
            "p_now": now,
            "p_asset": answer.asset if answer else None,
            "p_external": answer.facts.get("external_id") if answer else None,
            "p_reason": reason,
        },
    ).one_or_none()
    if row is not None and cost is not None:
        correct_by(connection, parameters["p_owner"], row.job_id, row.month, cost - row.max_micros)


def give_up(row: Any, now: datetime, connection: sa.Connection) -> int:
    """End an overdue attempt, unless it has moved on since it was found. 1 when it was ended."""
    parameters = {"p_owner": row.owner_id, "p_call": row.call_id, "p_fence": row.fence}
    connection.execute(sql.LOCK_CALL, parameters)
    attempt = connection.execute(sql.ATTEMPT, parameters).one()
    if attempt.state != row.state:
        return 0
    sent = row.state == CallState.SENT or row.token is not None  # there may be a job that it was to go on with
    state, cost = (CallState.AMBIGUOUS, None) if sent else (CallState.FAILED, 0)
    end_attempt(connection, parameters, state, now, cost=cost, reason="overdue")
    connection.execute(sql.END_CALL, parameters | {"p_state": state, "p_cost": 0})
    return 1


def named(reservation: Reservation) -> dict[str, Any]:
    """The parameters that name an attempt."""
    return {
        "p_owner": reservation.owner_id,
        "p_call": int(reservation.call_id),
        "p_fence": reservation.fence,
    }
