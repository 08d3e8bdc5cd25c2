"""Waking those who wait for a job at a provider as soon as its webhook has come."""

import asyncio

from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ports.calls import Ledger

EVERY_S = 0.5
"""How often the ledger is asked, once for all who wait in this process."""


class Waker:
    """Asks the ledger, while anybody waits, whose jobs their providers have reported on."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: dict[str, asyncio.Event] = {}
        self._asking: asyncio.Task[None] | None = None

    async def reported(self, token: str, within_s: float) -> bool:
        """Wait until there is a report on the job under this token: True, or False when the time is over. One waits
        for a token at a time."""
        event = self._waiting[token] = asyncio.Event()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            async with asyncio.timeout(within_s):
                await event.wait()
            return True
        except TimeoutError:
            return False
        finally:
            del self._waiting[token]

    async def _ask(self) -> None:
        while self._waiting:
            try:
                woken = await self._ledger.woken(list(self._waiting))
            except ServiceUnavailable:
                woken = set()  # whoever waits looks at the job again by itself
            for token in woken & self._waiting.keys():
                self._waiting[token].set()
            await asyncio.sleep(EVERY_S)
