"""The one place where provider calls are made: reserve → sent → call → store → settle, in that order."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from typing import TypeVar

from activities.slots import Turn
from bookwright.contracts.calls import Answer, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    Blocked,
    CallInFlight,
    MustWait,
    NotSent,
    Permanent,
    RateLimited,
    Refused,
    ServiceUnavailable,
    StorageFull,
    TakeRejected,
)
from bookwright.contracts.ports.calls import CallLimit, Failpoint, Ledger, Material, Watch
from bookwright.contracts.ports.store import AssetStore

T = TypeVar("T")
R = TypeVar("R")

MAX_TAKES = 3
"""A bad answer is asked for again at most twice; each re-ask is a new take and is paid for."""
STORE_ATTEMPTS = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 0.5
FRESH_S = 1.0
"""A mark this old is renewed before the call: the process may have been frozen meanwhile, and another one, which takes
over no sooner than a heartbeat time-out later, may be making the call."""


class Buyer:
    """Makes provider calls so that none is made twice and each is accounted for.

    The failpoints are named after the step that has just ended: `reserved`, `sent`, `answered`, `stored`, `settled`.
    """

    def __init__(
        self,
        ledger: Ledger,
        assets: AssetStore,
        failpoint: Failpoint = lambda step: None,
        watch: Watch = lambda call: nullcontext(),
    ) -> None:
        self._ledger = ledger
        self._assets = assets
        self._failpoint = failpoint
        self._watch = watch

    async def buy(
        self,
        call_for: Callable[[int], ProviderCall],
        perform: Callable[[ProviderCall, Turn], Awaitable[T]],
        examine: Callable[[T], Awaitable[Material]],
        *,
        usage: Usage,
        holder: Holder,
        limit: CallLimit,
        deadline_s: float,
        first_take: int = 0,
    ) -> Answer:
        """The answer to a call: the one bought before, or a new one.

        `call_for(take)` names the call; `perform` makes it, and holds the provider's slot only within its turn;
        `examine` raises BadAnswer for an answer that can't be used. `deadline_s` is for the turn. Raises what `perform`
        raises, BudgetReached, or Fenced.
        """
        take, bad = first_take, 0
        while True:
            call = call_for(take)
            take += 1
            await self._assets.check_room()
            try:
                async with limit.ahead:
                    reservation = await self._reserve(call, usage, holder)
                    if isinstance(reservation, Answer):
                        return reservation
                    self._failpoint("reserved")
                    answer = await self._make(reservation, call, perform, limit, deadline_s)
                self._failpoint("answered")
                return await _to_the_end(self._settle(reservation, answer, examine))
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

    async def _make(
        self,
        reservation: Reservation,
        call: ProviderCall,
        perform: Callable[[ProviderCall, Turn], Awaitable[T]],
        limit: CallLimit,
        deadline_s: float,
    ) -> T:
        now = asyncio.get_running_loop().time

        async def begin() -> None:
            if now() - marked > FRESH_S:
                await self._ledger.sent(reservation, deadline_s)
            self._failpoint("sent")

        clock = asyncio.timeout(None)
        turn = Turn(limit, clock, deadline_s, begin)
        try:
            async with limit.deck:
                limit.check()
                marked = now()
                # Those on deck wait for one call to end, and then have the deadline to themselves.
                await self._ledger.sent(reservation, 2 * deadline_s)
                async with clock:
                    with self._watch(call):
                        return await perform(call, turn)
        except BadAnswer as error:
            await self._reject(reservation, error)
            raise
        except Blocked as blocked:
            if blocked.cost_micros:
                await self._ledger.reject(reservation, type(blocked).__name__, blocked.cost_micros)
            else:
                await self._ledger.fail(reservation, type(blocked).__name__)
            raise
        except (NotSent, Refused, Permanent) as unpaid:
            await self._ledger.fail(reservation, type(unpaid).__name__)
            raise
        except MustWait as wait:
            if isinstance(wait, RateLimited):
                limit.close_until(wait)
            await self._ledger.fail(reservation, type(wait).__name__)
            raise
        except asyncio.CancelledError:
            await _to_the_end(
                self._ledger.lose(reservation, "cancelled before an answer came")
                if turn.begun
                else self._ledger.fail(reservation, "cancelled before it was sent")
            )
            raise
        except TimeoutError:
            await self._ledger.lose(reservation, "no answer within the deadline")
            raise AnswerLost(f"{call.provider} gave no answer within {deadline_s:g} s") from None
        except AnswerLost:
            await self._ledger.lose(reservation, "the connection broke before an answer came")
            raise

    async def _reject(self, reservation: Reservation, error: BadAnswer) -> None:
        cost = reservation.max_cost_micros if error.cost_micros is None else error.cost_micros
        await self._ledger.reject(reservation, str(error), cost)

    async def _settle(self, reservation: Reservation, answer: T, examine: Callable[[T], Awaitable[Material]]) -> Answer:
        """Examine, store and settle; an answer that is in hand is not given up lightly."""
        try:
            material = await examine(answer)
        except BadAnswer as error:
            await self._reject(reservation, error)
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


async def _to_the_end(step: Coroutine[None, None, R]) -> R:
    """Let a step end although the activity is being cancelled meanwhile; the cancellation then takes effect."""
    running = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # looked at: it is of no use any more
        raise
