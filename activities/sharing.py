"""What this process may ask of each provider, when all workers share what the provider takes.

Each process leases its part for a few seconds and renews it once a second (`contracts.ports.limits`), so a call costs
no transaction of its own.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from activities.slots import Slots
from bookwright.contracts.errors import BookwrightError, RateLimited
from bookwright.contracts.ports.limits import Ask, Grant, SharedLimits

logger = logging.getLogger(__name__)

RENEW_S = 1.0
"""Between renewals: so soon the other workers know of a refusal."""
QUICK_S = 0.2
"""Between renewals while something is being handed over."""
BURST_S = 0.05
"""What is wanted within so short a time shares one renewal."""
IDLE_S = 3.0
"""After so long without calls everything is given back; nothing is written then."""
MARGIN_S = 0.5
"""A lease is believed to end this much sooner than the others believe."""


class SharedSlots(Slots):
    """The part of one provider's calls that is this process's own, for as long as its lease holds."""

    def __init__(
        self,
        provider: str,
        ceiling: int,
        rate: int | None,
        stir: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ceiling` calls at once and `rate` calls a minute are those of all processes together. `stir` asks for a
        renewal."""
        super().__init__(0, self._waiting)
        self.provider = provider
        self._ceiling = ceiling
        self._rate = rate
        self._stir = stir
        self._now = now
        self._ends = 0.0
        self._asked = 0
        self._limit = ceiling
        self._refused = False
        self._handing_over = False
        self._interval = 0.0
        self._next = 0.0
        self._busy = 0.0

    @property
    def wanted(self) -> int:
        """Calls at once that could be made now."""
        return min(max(self._reserving.wanted, self._room.wanted), self._ceiling)

    @property
    def idle(self) -> bool:
        """Whether there has been nothing to call for a while."""
        if self.wanted:
            self._busy = self._now()
        return self._now() - self._busy > IDLE_S

    @property
    def hurried(self) -> bool:
        """Whether others give something to this process, or the other way round."""
        return self._handing_over or self._room.inside > self._room.size

    async def __aenter__(self) -> None:
        while True:
            await super().__aenter__()
            if self._now() < self._ends:
                break
            self.drop()  # this process was frozen: others may have its part now
            await self.__aexit__()
            self._waiting()
        if self._interval:
            try:
                await self._pace()
            except BaseException:
                await self.__aexit__()
                raise

    def close_until(self, wait: RateLimited) -> None:
        """Make no call before then; the other workers are told so, too, and that it was too many at once."""
        super().close_until(wait)
        self._refused = True
        self._stir()

    def ask(self) -> Ask:
        """What to lease now."""
        self._asked = self.wanted
        return Ask(
            provider=self.provider,
            ceiling=self._ceiling,
            wanted=self._asked,
            held=self._room.inside,
            refused=self._refused,
            closed_until=self._closed.until if self._refused and self._closed else None,
        )

    def take(self, grant: Grant, told: Ask, ends: float) -> None:
        """Use what was leased, until `ends` (by this process's own clock)."""
        if told.refused:
            self._refused = False
        if grant.closed_until and (self._closed is None or grant.closed_until > self._closed.until):
            self._closed = RateLimited(
                f"{self.provider} takes no more calls: it said so to us", until=grant.closed_until
            )
        if grant.limit != self._limit:
            logger.info("%s takes %d of %d calls at once now", self.provider, grant.limit, self._ceiling)
            self._limit = grant.limit
        self._handing_over = grant.size < min(grant.target, told.wanted)
        if self._rate:
            # The rate falls with the limit, and each process has as much of it as it has of the calls at once.
            a_minute = self._rate * min(grant.limit / self._ceiling, 1.0) * grant.size / grant.limit
            self._interval = 60 / a_minute if a_minute else 0.0
        self._ends = ends
        self.resize(grant.size)

    def drop(self) -> None:
        """Begin no call before there is a lease again."""
        self._ends, self._asked = 0.0, 0
        self.resize(0)

    def _waiting(self) -> None:
        """A renewal helps when there is no lease, or when more is wanted than was asked for."""
        if self._now() >= self._ends or self.wanted > self._asked:
            self._stir()

    async def _pace(self) -> None:
        now = self._now()
        self._next = max(self._next, now) + self._interval
        await asyncio.sleep(self._next - self._interval - now)


class Sharing:
    """Keeps this process's leases."""

    def __init__(self, limits: SharedLimits, holder: str, now: Callable[[], float] = time.monotonic) -> None:
        """`holder` names this process among all of them."""
        self._limits = limits
        self._holder = holder
        self._now = now
        self._slots: dict[str, SharedSlots] = {}
        self._stirred = asyncio.Event()
        self._leased: set[str] = set()
        self._passing: set[str] = set()

    def slots(self, provider: str, ceiling: int, rate: int | None = None, *, passing: bool = False) -> SharedSlots:
        """The limit for all calls of a provider for one purpose, such as `gemini images`; its first mention says how
        much it takes of all processes. One that is `passing`, such as a job's, is forgotten when it is idle."""
        if provider not in self._slots:
            self._slots[provider] = SharedSlots(provider, ceiling, rate, self._stirred.set, self._now)
            if passing:
                self._passing.add(provider)
        return self._slots[provider]

    async def run(self) -> None:
        """Lease what is wanted, until cancelled; then give everything back."""
        try:
            while True:
                await self._until_due()
                try:
                    await self.renew()
                except BookwrightError as error:  # until the leases end, calls go on
                    logger.warning("provider limits not renewed: %s", type(error).__name__)
                await asyncio.sleep(BURST_S)
        finally:
            with suppress(BookwrightError):
                await self._limits.leave(self._holder, sorted(self._leased))

    async def renew(self) -> None:
        """Lease anew for every provider that is being called, or give everything back when none is."""
        self._stirred.clear()
        active = {name: slots for name, slots in self._slots.items() if not slots.idle}
        if unused := self._leased - set(active):
            for name in unused:
                self._slots[name].drop()
            self._leased -= unused
            await self._limits.leave(self._holder, sorted(unused))
        for name in self._passing - set(active):
            del self._slots[name]
        self._passing &= set(active)
        if not active:
            return
        ends = self._now() + self._limits.lease_s - MARGIN_S
        asks = {name: slots.ask() for name, slots in active.items()}
        for grant in await self._limits.renew(self._holder, list(asks.values())):
            active[grant.provider].take(grant, asks[grant.provider], ends)
        self._leased |= set(active)

    async def _until_due(self) -> None:
        """Until somebody wants something, or it is time."""
        pause = QUICK_S if any(slots.hurried for slots in self._slots.values()) else RENEW_S
        with suppress(TimeoutError):
            async with asyncio.timeout(pause if self._leased else None):  # Python 3.11's wait_for loses cancellations
                await self._stirred.wait()
