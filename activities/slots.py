"""How many calls one provider takes at once, and the turn of each."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from types import TracebackType

from activities.rooms import Room
from bookwright.contracts.errors import RateLimited
from bookwright.contracts.ports.calls import CallLimit

ON_DECK = 2
"""Calls marked as sent before the provider has room for them; otherwise the provider would wait while each is written
to disk. A process that is killed leaves as many more calls ambiguous."""
TRUSTED = timedelta(seconds=10)
"""How long one refusal speaks for all other calls of this process."""


class Slots:
    """A `CallLimit`: at most `size` calls at once in this process, none while the provider asks to wait."""

    def __init__(self, size: int, on_wait: Callable[[], None] = lambda: None) -> None:
        """`on_wait` is called when a call has to wait for room."""
        self._room = Room(size, on_wait)
        self._reserving = Room(_ahead(size), on_wait)
        self._deck = Room(_deck(size), on_wait)
        self._closed: RateLimited | None = None

    async def __aenter__(self) -> None:
        await self._room.__aenter__()

    async def __aexit__(self, *_: object) -> None:
        await self._room.__aexit__()

    def resize(self, size: int) -> None:
        """Take so many at once from now on; what is under way goes on."""
        self._room.resize(size)
        self._reserving.resize(_ahead(size))
        self._deck.resize(_deck(size))

    def ahead(self, owner: str = "", whose: str = "", place: int = 0) -> AbstractAsyncContextManager[None]:
        """See `CallLimit`."""
        return self._reserving.at(owner, whose, place)

    def deck(self, owner: str = "") -> AbstractAsyncContextManager[None]:
        """See `CallLimit`."""
        return self._deck.at(owner)

    def check(self) -> None:
        """Raise the provider's RateLimited again while calls are sure to be refused."""
        if self._closed and self._closed.until > datetime.now(UTC):
            raise RateLimited(str(self._closed), until=self._closed.until)
        self._closed = None

    def close_until(self, wait: RateLimited) -> None:
        """Make no call before `wait.until`, or for TRUSTED: those that were refused sleep durably as long as they
        were told, and for the others a person may have put it right meanwhile."""
        now = datetime.now(UTC)
        until = min(max(wait.until, now + timedelta(milliseconds=100)), now + TRUSTED)
        if self._closed is None or until > self._closed.until:
            self._closed = RateLimited(str(wait), until=until)


def _ahead(size: int) -> int:
    return 2 * size


def _deck(size: int) -> int:
    return size + ON_DECK if size else 0


class Turn:
    """One call's turn with its provider (`contracts.ports.calls.Turn`): holds one of the limit's slots, and lets the
    call's deadline run, from just before the request leaves until its answer is here."""

    def __init__(
        self,
        limit: CallLimit,
        clock: asyncio.Timeout,
        deadline_s: float,
        begin: Callable[[], Awaitable[None]],
        end: Callable[[], Awaitable[None]],
    ) -> None:
        """`begin` is called once the slot is held; what it raises ends the turn before anything is sent. `end` is
        called when the turn is over."""
        self._limit = limit
        self._clock = clock
        self._deadline_s = deadline_s
        self._begin = begin
        self._end = end
        self.begun = False
        """Whether the request may have left."""

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        try:
            self._limit.check()
            await self._begin()
        except BaseException:
            await self._limit.__aexit__(None, None, None)
            raise
        self.begun = True
        self._clock.reschedule(asyncio.get_running_loop().time() + self._deadline_s)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._limit.__aexit__(kind, error, trace)
        await self._end()
        if not self._clock.expired():
            self._clock.reschedule(None)
