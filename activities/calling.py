"""Making one provider call, and writing down in the ledger what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import TypeVar

from activities.slots import Turn
from bookwright.contracts.calls import ProviderCall, Reservation
from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    Blocked,
    MustWait,
    NotSent,
    Permanent,
    RateLimited,
    Refused,
)
from bookwright.contracts.ports.calls import CallLimit, Failpoint, Ledger, Watch

T = TypeVar("T")
R = TypeVar("R")

FRESH_S = 1.0
"""A mark this old is renewed before the call: the process may have been frozen meanwhile, and another one, which takes
over no sooner than a heartbeat time-out later, may be making the call."""


class Caller:
    """Makes calls that were reserved. However one ends, the ledger is told of it before its error goes on."""

    def __init__(self, ledger: Ledger, failpoint: Failpoint, watch: Watch) -> None:
        self._ledger = ledger
        self._failpoint = failpoint
        self._watch = watch

    async def make(
        self,
        reservation: Reservation,
        call: ProviderCall,
        perform: Callable[[ProviderCall, Turn], Awaitable[T]],
        limit: CallLimit,
        deadline_s: float,
        token: str | None = None,
    ) -> T:
        """What `perform` answers. `token` is what it creates a job under, if it does."""
        now = asyncio.get_running_loop().time

        async def begin() -> None:
            if now() - marked > FRESH_S:
                await self._ledger.sent(reservation, deadline_s)
            self._failpoint("sent")

        clock = asyncio.timeout(None)
        deck = AsyncExitStack()
        # With its turn a call leaves the deck, too: the next one is marked while this one's answer is taken apart.
        turn = Turn(limit, clock, deadline_s, begin, deck.aclose)
        try:
            async with deck:
                await deck.enter_async_context(limit.deck(reservation.owner_id))
                limit.check()
                marked = now()
                # Those on deck wait for one call to end, and then have the deadline to themselves.
                await self._ledger.sent(reservation, 2 * deadline_s, token)
                async with clock:
                    with self._watch(call):
                        return await perform(call, turn)
        except (BadAnswer, Blocked) as useless:
            await self.end(reservation, useless)
            raise
        except (NotSent, Refused, Permanent) as unpaid:
            await self._ledger.fail(reservation, type(unpaid).__name__)
            raise
        except MustWait as wait:
            if isinstance(wait, RateLimited) and turn.begun:  # the provider's word, not our own of it
                limit.close_until(wait)
            await self._ledger.fail(reservation, type(wait).__name__)
            raise
        except asyncio.CancelledError:
            await to_the_end(
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

    async def end(self, reservation: Reservation, error: BadAnswer | Blocked) -> None:
        """The provider has done its part, and there is nothing to be had of it: charge what it costs."""
        if isinstance(error, BadAnswer):
            cost = reservation.max_cost_micros if error.cost_micros is None else error.cost_micros
            await self._ledger.reject(reservation, str(error), cost)
        elif error.cost_micros:
            await self._ledger.reject(reservation, type(error).__name__, error.cost_micros)
        else:
            await self._ledger.fail(reservation, type(error).__name__)


async def to_the_end(step: Coroutine[None, None, R]) -> R:
    """Let a step end although the activity is being cancelled meanwhile; the cancellation then takes effect."""
    running = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # looked at: it is of no use any more
        raise
