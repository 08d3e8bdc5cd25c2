"""What an operator asks of the API's process: can it work, and how does everything stand."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Literal

from temporalio.service import RPCError

from bookwright.contracts.errors import BookwrightError, ServiceUnavailable
from bookwright.link import TemporalLink
from bookwright.store.database.engine import Database
from bookwright.store.jobs.figures import Figures, figures
from bookwright.telemetry.backlog import Backlog, backlogs
from bookwright.telemetry.metrics import ApiMetrics, Standing

PATIENCE_S = 3.0
"""Who has not answered by then can't be reached."""


class Operations:
    """Looks after a database and a Temporal, which stay the caller's to close."""

    def __init__(self, database: Database, temporal: TemporalLink, month_budget_micros: int | None = None) -> None:
        """`month_budget_micros` is the budget of users without one of their own."""
        self._database = database
        self._temporal = temporal
        self._month_budget = month_budget_micros
        self.metrics = ApiMetrics(self.standing)

    async def missing(self) -> tuple[Literal["database", "temporal"], ...]:
        """What can't be reached."""
        database, temporal = await asyncio.gather(_answers(self._database.check()), _answers(self._check_temporal()))
        return (*(() if database else ("database",)), *(() if temporal else ("temporal",)))

    async def _check_temporal(self) -> None:
        client = await self._temporal.client()
        try:
            await client.service_client.check_health(timeout=timedelta(seconds=PATIENCE_S))
        except RPCError as error:
            raise ServiceUnavailable("Temporal did not answer") from error

    async def standing(self) -> Standing:
        """How everything stands, as far as it can be asked."""
        store, queues = await asyncio.gather(self._figures(), self._backlogs())
        return Standing(store, queues)

    async def _figures(self) -> Figures | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await figures(self._database, self._month_budget)
        except (BookwrightError, TimeoutError):
            return None

    async def _backlogs(self) -> list[Backlog] | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await backlogs(await self._temporal.client())
        except (BookwrightError, TimeoutError):
            return None


async def _answers(asking: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asking
    except (BookwrightError, TimeoutError):
        return False
    return True
