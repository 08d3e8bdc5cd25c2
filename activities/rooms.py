"""Room for so many at a time, which may become more or less while it is in use."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress


class Room:
    """Admits those who wait in their order. When it becomes smaller nobody is sent out, but nobody is let in until
    there is room again."""

    def __init__(self, size: int, on_wait: Callable[[], None] = lambda: None) -> None:
        """`on_wait` is called when somebody has to wait."""
        self.size = size
        self.inside = 0
        self._on_wait = on_wait
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def wanted(self) -> int:
        """How many are inside or wait."""
        return self.inside + len(self._queue)

    def resize(self, size: int) -> None:
        """Have room for so many from now on."""
        self.size = size
        self._admit()

    async def __aenter__(self) -> None:
        if self.inside < self.size and not self._queue:
            self.inside += 1
            return
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(ticket)
        self._on_wait()
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.cancelled():
                with suppress(ValueError):
                    self._queue.remove(ticket)
            else:
                self._leave()  # it was let in, and cancelled in the same moment
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self.inside -= 1
        self._admit()

    def _admit(self) -> None:
        while self._queue and self.inside < self.size:
            ticket = self._queue.popleft()
            if not ticket.done():
                self.inside += 1
                ticket.set_result(None)
