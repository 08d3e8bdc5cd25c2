"""The ledger: every provider call an owner ever asked for, and every attempt at it.

A call's row is locked (PostgreSQL) or the only one being written (SQLite) whenever its state is decided on, and each
change names the fence it belongs to: an attempt that was taken over can change nothing but its own record.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.calls import (
    Answer,
    CallCounts,
    CallState,
    Holder,
    LedgerRow,
    ProviderCall,
    RemoteTrace,
    Reservation,
    Usage,
)
from bookwright.contracts.errors import CallInFlight, Fenced, NotFound, TakeRejected
from bookwright.contracts.ids import AssetId, JobId, OwnerId
from bookwright.store.blobs import Blob, Catalogue, record_blob
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ledger import statements as sql
from bookwright.store.ledger.budgets import commit_to, correct_by
from bookwright.store.ledger.report import attempt_totals, counts, ledger_rows

RESERVED_FOR = timedelta(seconds=60)
"""How long a reservation that was not sent keeps others from making the call."""
GRACE = timedelta(seconds=10)
"""Time that an answer has for being settled after its request's deadline."""
ABANDONED_AFTER = timedelta(hours=1)
"""A reservation overdue by so much has no process behind it any more that waits for its turn."""


class LedgerStore:
    """The `Ledger` port on the database. `assets` tells what the settled bytes are; `month_budget` is the limit, in
    micros, of a month for which an owner has none of their own."""

    def __init__(
        self,
        database: Database,
        assets: Catalogue,
        clock: Callable[[], datetime] = utcnow,
        month_budget: int | None = None,
    ) -> None:
        self._database = database
        self._assets = assets
        self._clock = clock
        self._month_budget = month_budget

    async def reserve(self, call: ProviderCall, usage: Usage, holder: Holder) -> Reservation | Answer:
        """The right to make the call, with its maximum cost committed; or the answer that was bought before, the
        usage recorded. Raises BudgetReached; CallInFlight while somebody else makes the call."""
        key, now, limit = call.key, self._clock(), self._month_budget
        return await self._database.write(usage.owner_id, lambda c: _reserve(c, call, key, usage, holder, now, limit))

    async def sent(self, reservation: Reservation, deadline_s: float, token: str | None = None) -> None:
        """Record that the request leaves now and must have ended by then, and under which token it creates a job.
        Raises Fenced."""
        now = self._clock()
        deadline = now + timedelta(seconds=deadline_s) + GRACE
        parameters = _named(reservation) | {"p_now": now, "p_deadline": deadline, "p_token": token}

        def work(connection: sa.Connection) -> bool:
            if connection.execute(sql.SEND_CALL, parameters).rowcount == 0:
                return False
            connection.execute(sql.SEND_ATTEMPT, parameters)
            return True

        if not await self._database.write(reservation.owner_id, work):
            raise Fenced("a newer attempt at this call has taken over; nothing was sent")

    async def created(self, reservation: Reservation, external_id: str, deadline_s: float) -> None:
        """Record the job that the attempt goes on with at its provider, and by when it must have ended. Raises
        Fenced."""
        deadline = self._clock() + timedelta(seconds=deadline_s) + GRACE
        parameters = _named(reservation) | {"p_external": external_id, "p_deadline": deadline}

        def work(connection: sa.Connection) -> bool:
            if connection.execute(sql.NEWEST_IN_FLIGHT, parameters).first() is None:
                return False
            connection.execute(sql.CREATED, parameters)
            return True

        if not await self._database.write(reservation.owner_id, work):
            raise Fenced("a newer attempt at this call has taken over, and goes on with its job")

    async def wake(self, token: str) -> None:
        """A provider has reported on the job that was created under this token: let whoever waits for it look. For
        a token that nobody has, or a job that nobody waits for, this has no effect; repeating it has none either."""
        named = {"p_token": token, "p_now": self._clock()}
        # Strangers may send any token, any number of times: that costs a look, and no write.
        if await self._database.read(SERVICE, lambda c: c.execute(sql.ASLEEP, named).first()):
            await self._database.write(SERVICE, lambda c: c.execute(sql.WAKE, named).rowcount)

    async def woken(self, tokens: Collection[str]) -> set[str]:
        """Those of the tokens whose jobs were reported on."""
        wanted = {"p_tokens": list(tokens)}
        return set(await self._database.read(SERVICE, lambda c: c.execute(sql.WOKEN, wanted).scalars().all()))

    async def settle(self, reservation: Reservation, answer: Answer) -> None:
        """Record the stored answer; its actual cost replaces what was reserved. Also right for an attempt that was
        given up as ambiguous, as long as no newer one was begun. Safe to repeat. Raises Fenced: the late answer and
        its cost are then recorded, but another attempt's answer is the one that counts."""
        blob, now = await self._assets.describe(answer.asset), self._clock()
        if not await self._database.write(reservation.owner_id, lambda c: _settle(c, reservation, answer, blob, now)):
            raise Fenced("a newer attempt at this call had taken over; the late answer is kept, but not used")

    async def reject(self, reservation: Reservation, reason: str, cost_micros: int) -> None:
        """The answer came and is unusable; it is charged at `cost_micros`."""
        await self._end(reservation, CallState.REJECTED, reason, cost_micros)

    async def fail(self, reservation: Reservation, reason: str) -> None:
        """Surely not paid: what was reserved is given back."""
        await self._end(reservation, CallState.FAILED, reason, 0)

    async def lose(self, reservation: Reservation, reason: str) -> None:
        """No answer is known: the attempt stays charged at its maximum."""
        await self._end(reservation, CallState.AMBIGUOUS, reason, None)

    async def _end(self, reservation: Reservation, state: CallState, reason: str, cost: int | None) -> None:
        parameters = _named(reservation)
        now = self._clock()

        def work(connection: sa.Connection) -> None:
            connection.execute(sql.LOCK_CALL, parameters)
            _end_attempt(connection, parameters, state, now, cost=cost, reason=reason)
            connection.execute(sql.END_CALL, parameters | {"p_state": state, "p_cost": cost or 0})

        await self._database.write(reservation.owner_id, work)

    async def counts(self, owner: OwnerId, job: JobId) -> CallCounts:
        """The totals of one job."""
        return await self._database.read(owner, lambda c: counts(c, owner, job))

    async def attempt_totals(self) -> dict[CallState, int]:
        """How many attempts of all owners are in each state."""
        return await self._database.read(SERVICE, attempt_totals)

    async def rows(self, owner: OwnerId, after: int = 0, limit: int = 100) -> list[LedgerRow]:
        """An owner's calls with an id above `after`, in order."""
        return await self._database.read(owner, lambda c: ledger_rows(c, owner, after, limit))

    async def reconcile(self) -> int:
        """Give up on attempts of all owners that nobody can be working on any more; answers how many. Those sent
        become ambiguous and stay charged; those only reserved are given back."""
        now = self._clock()
        overdue = await self._database.read(SERVICE, lambda c: c.execute(sql.OVERDUE, {"p_now": now}).all())
        swept = 0
        for row in overdue:
            if row.state == CallState.SENT or row.deadline < now - ABANDONED_AFTER:
                swept += await self._database.write(SERVICE, partial(_give_up, row, now))
        return swept


def _reserve(
    connection: sa.Connection,
    call: ProviderCall,
    key: str,
    usage: Usage,
    holder: Holder,
    now: datetime,
    month_budget: int | None,
) -> Reservation | Answer:
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
        _end_attempt(
            connection, parameters, CallState.FAILED, now, cost=0, reason="a later attempt goes on with its job"
        )
    elif row.state == CallState.SENT:
        _end_attempt(connection, parameters, CallState.AMBIGUOUS, now, cost=None, reason="taken over")
    else:
        _end_attempt(connection, parameters, CallState.FAILED, now, cost=0, reason="taken over before it was sent")


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


def _settle(connection: sa.Connection, reservation: Reservation, answer: Answer, blob: Blob, now: datetime) -> bool:
    """True when the answer counts, False when it came too late."""
    parameters = _named(reservation)
    record_blob(connection, reservation.owner_id, blob)
    settled = connection.execute(
        sql.SETTLE_CALL,
        parameters | {"p_asset": answer.asset, "p_facts": answer.facts, "p_cost": answer.cost_micros},
    ).rowcount
    if settled:
        _end_attempt(connection, parameters, CallState.SETTLED, now, cost=answer.cost_micros, answer=answer)
        return True
    connection.execute(sql.LOCK_CALL, parameters)
    attempt = connection.execute(sql.ATTEMPT, parameters).one_or_none()
    if attempt is None:
        raise NotFound("there is no such reservation")
    if attempt.newest == reservation.fence and attempt.state == CallState.SETTLED:
        return True  # settled before; the caller did not learn of it
    _end_attempt(connection, parameters, CallState.FENCED, now, cost=answer.cost_micros, answer=answer)
    return False


def _end_attempt(
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


def _give_up(row: Any, now: datetime, connection: sa.Connection) -> int:
    """End an overdue attempt, unless it has moved on since it was found. 1 when it was ended."""
    parameters = {"p_owner": row.owner_id, "p_call": row.call_id, "p_fence": row.fence}
    connection.execute(sql.LOCK_CALL, parameters)
    attempt = connection.execute(sql.ATTEMPT, parameters).one()
    if attempt.state != row.state:
        return 0
    sent = row.state == CallState.SENT or row.token is not None  # there may be a job that it was to go on with
    state, cost = (CallState.AMBIGUOUS, None) if sent else (CallState.FAILED, 0)
    _end_attempt(connection, parameters, state, now, cost=cost, reason="overdue")
    connection.execute(sql.END_CALL, parameters | {"p_state": state, "p_cost": 0})
    return 1


def _named(reservation: Reservation) -> dict[str, Any]:
    return {
        "p_owner": reservation.owner_id,
        "p_call": int(reservation.call_id),
        "p_fence": reservation.fence,
    }
