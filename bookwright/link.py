"""A process's way to a Temporal that may come and go."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from temporalio.client import Client

from bookwright.contracts.errors import ServiceUnavailable

AWAY_S = 2.0
"""For so long nobody tries again after a connection could not be made."""


class TemporalLink:
    """Connects when a client is first wanted, and keeps it: a client finds a server that has come back by itself."""

    def __init__(self, connect: Callable[[], Awaitable[Client]]) -> None:
        """`connect` raises ServiceUnavailable when Temporal can't be reached."""
        self._connect = connect
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._away_until = 0.0

    async def client(self) -> Client:
        """A connected client. Raises ServiceUnavailable, at once for AWAY_S after it was tried in vain."""
        async with self._connecting:
            if self._client is None:
                if time.monotonic() < self._away_until:
                    raise ServiceUnavailable("Temporal can't be reached; try again in a moment")
                try:
                    self._client = await self._connect()
                except ServiceUnavailable:
                    self._away_until = time.monotonic() + AWAY_S
                    raise
            return self._client
