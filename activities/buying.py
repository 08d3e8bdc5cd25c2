"""The one place where provider calls are bought: reserve → sent → call → store → settle, in that order."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import TypeVar

from activities.calling import Caller, to_the_end
from activities.remote import Remote, RemoteCaller
from bookwright.contracts.calls import Answer, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.errors import (
    BadAnswer,
    Blocked,
    CallInFlight,
    Permanent,
    ServiceUnavailable,
    StorageFull,
    TakeRejected,
)
from bookwright.contracts.ports.calls import CallLimit, Failpoint, Ledger, Material, Turn, Watch, WebhookUrl
from bookwright.contracts.ports.store import AssetStore

T = TypeVar("T")

MAX_TAKES = 3
"""A bad answer is asked for again at most twice; each re-ask is a new take and is paid for."""
STORE_ATTEMPTS = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 0.5


class Buyer:
    """Makes provider calls so that none is made twice and each is accounted for.

    The failpoints are named after the step that has just ended: `reserved`, `sent`, `answered`, `stored`, `settled`; of
    a job at a provider also `created` and, once it is written down, `recorded`.
    """

    def __init__(
        self,
        ledger: Ledger,
        assets: AssetStore,
        failpoint: Failpoint = lambda step: None,
        watch: Watch = lambda call: nullcontext(),
        webhook: WebhookUrl = lambda call, token: None,
    ) -> None:
        self._ledger = ledger
        self._assets = assets
        self._failpoint = failpoint
        self._caller = Caller(ledger, failpoint, watch)
        self._remote = RemoteCaller(ledger, self._caller, failpoint, webhook)

    async def buy(
        self,
        call_for: Callable[[int], ProviderCall],
        perform: Callable[[ProviderCall, Turn], Awaitable[T]] | Remote[T],
        examine: Callable[[T], Awaitable[Material]],
        *,
        usage: Usage,
        holder: Holder,
        limit: CallLimit,
        deadline_s: float,
        first_take: int = 0,
        place: int = 0,
    ) -> Answer:
        """The answer to a call: the one bought before, or a new one.

        `call_for(take)` names the call; `perform` makes it, and holds the provider's slot only within its turn;
        `examine` raises BadAnswer for an answer that can't be used. `deadline_s` is for the turn; of a job's calls
        that wait, the lowest `place` comes first. Raises what `perform` raises, BudgetReached, or Fenced.
        """
        take, bad = first_take, 0
        while True:
            call = call_for(take)
            take += 1
            await self._assets.check_room()
            try:
                async with limit.ahead(usage.owner_id, usage.job_id, place):
                    reservation = await self._reserve(call, usage, holder)
                    if isinstance(reservation, Answer):
                        return reservation
                    self._failpoint("reserved")
                    if isinstance(perform, Remote):
                        job = await self._remote.begin(reservation, call, perform, limit, deadline_s)
                    else:
                        answer = await self._caller.make(reservation, call, perform, limit, deadline_s)
                if isinstance(perform, Remote):  # minutes, in which others may make their calls
                    answer = await self._remote.finish(reservation, call, perform, job)
                self._failpoint("answered")
                return await to_the_end(self._settle(reservation, answer, examine))
            except TakeRejected:
                continue
            except BadAnswer as error:
                bad += 1
                if bad == MAX_TAKES:
                    raise Permanent(f"{MAX_TAKES} answers in a row could not be used; the last: {error}") from error

    async def _reserve(self, call: ProviderCall, usage: Usage, holder: Holder) -> Reservation | Answer:
        wait = FIRST_WAIT_S
        while True:
            try:
                return await self._ledger.reserve(call, usage, holder)
            except CallInFlight:
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_S)

    async def _settle(self, reservation: Reservation, answer: T, examine: Callable[[T], Awaitable[Material]]) -> Answer:
        """Examine, store and settle; an answer that is in hand is not given up lightly."""
        try:
            material = await examine(answer)
        except BadAnswer as error:
            await self._caller.end(reservation, error)
            raise
        except Permanent as unwanted:  # it came and was paid; we can't have it, or are not to
            cost = isinstance(unwanted, Blocked) and unwanted.cost_micros
            await self._ledger.reject(reservation, type(unwanted).__name__, cost or reservation.max_cost_micros)
            raise
        for attempt in range(STORE_ATTEMPTS):
            try:
                asset = await self._assets.put(material.data, material.media_type)
                self._failpoint("stored")
                settled = Answer(asset=asset, facts=material.facts, cost_micros=material.cost_micros)
                await self._ledger.settle(reservation, settled)
                break
            except (StorageFull, ServiceUnavailable) as error:
                if attempt == STORE_ATTEMPTS - 1:
                    await self._ledger.lose(reservation, f"the answer could not be stored ({type(error).__name__})")
                    raise
                await asyncio.sleep(2**attempt)
        self._failpoint("settled")
        return settled
