"""The worker's stores, counting what goes through them. Used in place of the plain ones when metrics are wanted."""

import time
from typing import NamedTuple

from bookwright.contracts.calls import Answer, CallState, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.errors import Fenced
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.store import PageOutcome
from bookwright.store import BookStore, Database, LedgerStore
from bookwright.store.blobs import Catalogue
from bookwright.telemetry.metrics import WorkerMeter


class _Open(NamedTuple):
    provider: str
    operation: str
    sent_at: float | None = None


class CountedLedger(LedgerStore):
    """Counts the calls that this process makes, by how they end."""

    def __init__(
        self, database: Database, assets: Catalogue, meter: WorkerMeter, month_budget: int | None = None
    ) -> None:
        super().__init__(database, assets, month_budget=month_budget)
        self._meter = meter
        self._open: dict[tuple[str, int], _Open] = {}

    async def reserve(self, call: ProviderCall, usage: Usage, holder: Holder) -> Reservation | Answer:
        answer = await super().reserve(call, usage, holder)
        if isinstance(answer, Answer):
            self._meter.call(call.provider, call.operation, "reused", 0, None)
        else:
            self._open[answer.call_id, answer.fence] = _Open(call.provider, call.operation)
        return answer

    async def sent(self, reservation: Reservation, deadline_s: float, token: str | None = None) -> None:
        await super().sent(reservation, deadline_s, token)
        name = (reservation.call_id, reservation.fence)
        if opened := self._open.get(name):
            self._open[name] = opened._replace(sent_at=time.monotonic())

    async def settle(self, reservation: Reservation, answer: Answer) -> None:
        try:
            await super().settle(reservation, answer)
        except Fenced:
            self._ended(reservation, CallState.FENCED, answer.cost_micros)
            raise
        self._ended(reservation, CallState.SETTLED, answer.cost_micros)

    async def reject(self, reservation: Reservation, reason: str, cost_micros: int) -> None:
        await super().reject(reservation, reason, cost_micros)
        self._ended(reservation, CallState.REJECTED, cost_micros)

    async def fail(self, reservation: Reservation, reason: str) -> None:
        await super().fail(reservation, reason)
        self._ended(reservation, CallState.FAILED, 0)

    async def lose(self, reservation: Reservation, reason: str) -> None:
        await super().lose(reservation, reason)
        self._ended(reservation, CallState.AMBIGUOUS, reservation.max_cost_micros)

    def _ended(self, reservation: Reservation, state: CallState, cost_micros: int) -> None:
        if opened := self._open.pop((reservation.call_id, reservation.fence), None):
            seconds = None if opened.sent_at is None else time.monotonic() - opened.sent_at
            self._meter.call(opened.provider, opened.operation, state, cost_micros, seconds)


class CountedBooks(BookStore):
    """Counts the tracks of pages that this process makes or gives up."""

    def __init__(self, database: Database, assets: Catalogue, meter: WorkerMeter) -> None:
        super().__init__(database, assets)
        self._meter = meter

    async def page_outcome(self, context: BookContext, outcome: PageOutcome) -> None:
        await super().page_outcome(context, outcome)
        self._meter.unit(outcome.track, outcome.state)
