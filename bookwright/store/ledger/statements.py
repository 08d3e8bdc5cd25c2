"""The ledger's statements, built once: composing them anew for each call would cost more than running them."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.calls import CallState
from bookwright.store.database.columns import Utc
from bookwright.store.database.statements import any_of, insert_for, values
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.ledger.tables import provider_calls as calls
from bookwright.store.ledger.tables import usages

_P = sa.bindparam
_DIALECTS = ("sqlite", "postgresql")

NEW_CALL: dict[str, Any] = {
    dialect: insert_for(dialect, calls)
    .values(
        values(calls, "owner_id", "key", "provider", "model", "operation", "take", "created_at")
        | {"state": CallState.RESERVED, "attempts": 1, "cost_micros": 0}
    )
    .on_conflict_do_nothing(index_elements=["owner_id", "key"])
    .returning(calls.c.id)
    for dialect in _DIALECTS
}
"""Answers the new row's id, or nothing when the key has a row."""

_NEWEST = sa.and_(
    attempts.c.owner_id == calls.c.owner_id, attempts.c.call_id == calls.c.id, attempts.c.fence == calls.c.attempts
)
CALL_BY_KEY = (
    sa.select(
        calls.c.id,
        calls.c.state,
        calls.c.attempts,
        calls.c.asset,
        calls.c.facts,
        calls.c.cost_micros,
        attempts.c.job_id,
        attempts.c.unit,
        attempts.c.month,
        attempts.c.holder,
        attempts.c.holder_attempt,
        attempts.c.max_micros,
        attempts.c.deadline,
        attempts.c.token,
        attempts.c.external_id,
    )
    .join(attempts, _NEWEST)
    .where(calls.c.owner_id == _P("p_owner"), calls.c.key == _P("p_key"))
    .with_for_update(of=calls)
)
"""A call with its newest attempt; the row is locked until the transaction ends."""

NEXT_ATTEMPT = (
    sa.update(calls)
    .where(calls.c.owner_id == _P("p_owner"), calls.c.id == _P("p_call"))
    .values(attempts=_P("p_fence"), state=CallState.RESERVED, asset=None, facts=sa.null(), cost_micros=0)
)

NEW_ATTEMPT = sa.insert(attempts).values(
    values(
        attempts,
        "owner_id",
        "call_id",
        "fence",
        "book_id",
        "job_id",
        "unit",
        "month",
        "holder",
        "holder_attempt",
        "max_micros",
        "deadline",
        "reserved_at",
        "token",
        "external_id",
    )
    | {"state": CallState.RESERVED}
)


def _use(dialect: str) -> Any:
    statement = insert_for(dialect, usages).values(
        values(usages, "owner_id", "call_id", "book_id", "unit", "job_id", "reused")
    )
    return statement.on_conflict_do_update(
        index_elements=["owner_id", "call_id", "book_id", "unit", "job_id"],
        set_={"reused": statement.excluded.reused},
    )


USE = {dialect: _use(dialect) for dialect in _DIALECTS}

_OPEN = (CallState.RESERVED, CallState.SENT, CallState.AMBIGUOUS)
"""States in which an answer can still come."""

_THIS_CALL = (calls.c.owner_id == _P("p_owner"), calls.c.id == _P("p_call"), calls.c.attempts == _P("p_fence"))
_THIS_ATTEMPT = (
    attempts.c.owner_id == _P("p_owner"),
    attempts.c.call_id == _P("p_call"),
    attempts.c.fence == _P("p_fence"),
)

SEND_CALL = (
    sa.update(calls)
    .where(*_THIS_CALL, any_of(calls.c.state, (CallState.RESERVED, CallState.SENT)))  # a mark may be renewed
    .values(state=CallState.SENT)
)
SEND_ATTEMPT = (
    sa.update(attempts)
    .where(*_THIS_ATTEMPT)
    .values(
        state=CallState.SENT,
        sent_at=_P("p_now", type_=Utc),
        deadline=_P("p_deadline", type_=Utc),
        token=sa.func.coalesce(_P("p_token", type_=sa.String), attempts.c.token),
    )
)

NEWEST_IN_FLIGHT = sa.select(calls.c.id).where(*_THIS_CALL, calls.c.state == CallState.SENT).with_for_update()
CREATED = (
    sa.update(attempts).where(*_THIS_ATTEMPT).values(external_id=_P("p_external"), deadline=_P("p_deadline", type_=Utc))
)

_SLEEPING = (
    attempts.c.token == _P("p_token"),
    attempts.c.token.is_not(None),  # as the index says it
    attempts.c.answered_at.is_(None),
    attempts.c.woken_at.is_(None),
)
ASLEEP = sa.select(attempts.c.call_id).where(*_SLEEPING).limit(1)
WAKE = sa.update(attempts).where(*_SLEEPING).values(woken_at=_P("p_now", type_=Utc))
WOKEN = sa.select(attempts.c.token).where(
    attempts.c.token.in_(_P("p_tokens", expanding=True)),
    attempts.c.token.is_not(None),
    attempts.c.woken_at.is_not(None),
)

SETTLE_CALL = (
    sa.update(calls)
    .where(*_THIS_CALL, any_of(calls.c.state, _OPEN))
    .values(
        state=CallState.SETTLED,
        asset=_P("p_asset"),
        facts=_P("p_facts", type_=sa.JSON),
        cost_micros=_P("p_cost"),
    )
)
END_CALL = (
    sa.update(calls)
    .where(*_THIS_CALL, any_of(calls.c.state, _OPEN))
    .values(state=_P("p_state"), cost_micros=_P("p_cost"))
)

END_ATTEMPT = (
    sa.update(attempts)
    .where(*_THIS_ATTEMPT, any_of(attempts.c.state, _OPEN))
    .values(
        state=_P("p_state"),
        actual_micros=_P("p_cost"),
        answered_at=_P("p_now", type_=Utc),
        asset=_P("p_asset"),
        external_id=sa.func.coalesce(_P("p_external", type_=sa.String), attempts.c.external_id),
        reason=_P("p_reason"),
    )
    .returning(attempts.c.job_id, attempts.c.month, attempts.c.max_micros)
)
"""Answers what the attempt had reserved; nothing when it had ended before."""

ATTEMPT = (
    sa.select(attempts.c.state, calls.c.attempts.label("newest"))
    .join(calls, sa.and_(calls.c.owner_id == attempts.c.owner_id, calls.c.id == attempts.c.call_id))
    .where(*_THIS_ATTEMPT)
)

LOCK_CALL = (
    sa.select(calls.c.attempts).where(calls.c.owner_id == _P("p_owner"), calls.c.id == _P("p_call")).with_for_update()
)

UNANSWERED = attempts.c.state.in_(
    _P("p_states", [CallState.RESERVED.value, CallState.SENT.value], expanding=True, literal_execute=True)
)
"""Said as the partial index of open attempts says it: no database takes that index for parameters."""

AMBIGUOUS = attempts.c.state == sa.literal_column(f"'{CallState.AMBIGUOUS}'")
"""As the partial index of such attempts says it."""

OVERDUE = sa.select(
    attempts.c.owner_id, attempts.c.call_id, attempts.c.fence, attempts.c.state, attempts.c.deadline, attempts.c.token
).where(UNANSWERED, attempts.c.deadline < _P("p_now", type_=Utc))
