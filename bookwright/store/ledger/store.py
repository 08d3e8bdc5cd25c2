"""The ledger: every provider call an owner ever asked for, and every attempt at it.

A call's row is locked (PostgreSQL) or the only one being written (SQLite) whenever its state is decided on, and each
change names the fence it belongs to: an attempt that was taken over can change nothing but its own record.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from bookwright.contracts.calls import (
    Answer,
    CallCounts,
    CallState,
    Holder,
    LedgerRow,
    ProviderCall,
    Reservation,
    Usage,
)
from bookwright.contracts.errors import Fenced
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.store.blobs import Catalogue
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ledger import statements as sql
from bookwright.store.ledger.attempts import end_attempt, give_up, named, reserve, settle
from bookwright.store.ledger.report import attempt_totals, counts, ledger_rows

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
        return await self._database.write(usage.owner_id, lambda c: reserve(c, call, key, usage, holder, now, limit))

    async def sent(self, reservation: Reservation, deadline_s: float, token: str | None = None) -> None:
        """Record that the request leaves now and must have ended by then, and under which token it creates a job.
        Raises Fenced."""
        now = self._clock()
        deadline = now + timedelta(seconds=deadline_s) + GRACE
        parameters = named(reservation) | {"p_now": now, "p_deadline": deadline, "p_token": token}

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
        parameters = named(reservation) | {"p_external": external_id, "p_deadline": deadline}

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
        if not await self._database.write(reservation.owner_id, lambda c: settle(c, reservation, answer, blob, now)):
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
        parameters = named(reservation)
        now = self._clock()

        def work(connection: sa.Connection) -> None:
            connection.execute(sql.LOCK_CALL, parameters)
            end_attempt(connection, parameters, state, now, cost=cost, reason=reason)
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
                swept += await self._database.write(SERVICE, partial(give_up, row, now))
        return swept
