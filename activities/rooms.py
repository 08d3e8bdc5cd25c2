"""Room for so many at a time, which may become more or less while it is in use."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Ticket:
    whose: str
    place: int
    admitted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Room:
    """Admits those who wait in their order; of one party, whoever has the lowest place takes each of its turns. When it
    becomes smaller nobody is sent out, but nobody is let in until there is room again."""

    def __init__(self, size: int, on_wait: Callable[[], None] = lambda: None) -> None:
        """`on_wait` is called when somebody has to wait."""
        self.size = size
        self.inside = 0
        self._on_wait = on_wait
        self._queue: list[_Ticket] = []

    @property
    def wanted(self) -> int:
        """How many are inside or wait."""
        return self.inside + len(self._queue)

    def resize(self, size: int) -> None:
        """Have room for so many from now on."""
        self.size = size
        self._admit()

    async def __aenter__(self) -> None:
        await self._enter("", 0)

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    @asynccontextmanager
    async def at(self, whose: str, place: int) -> AsyncIterator[None]:
        """Be inside as one of the party `whose`."""
        await self._enter(whose, place)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, whose: str, place: int) -> None:
        if self.inside < self.size and not self._queue:
            self.inside += 1
            return
        ticket = _Ticket(whose, place)
        self._queue.append(ticket)
        self._on_wait()
        try:
            await ticket.admitted
        except asyncio.CancelledError:
            if ticket.admitted.cancelled():
                with suppress(ValueError):
                    self._queue.remove(ticket)
            else:
                self._leave()  # it was let in, and cancelled in the same moment
            raise

    def _leave(self) -> None:
        self.inside -= 1
        self._admit()

    def _admit(self) -> None:
        while self._queue and self.inside < self.size:
            ticket = self._next()
            if not ticket.admitted.done():
                self.inside += 1
                ticket.admitted.set_result(None)

    def _next(self) -> _Ticket:
        """Take the next one out. It gives its party's turn to whoever of them has the lowest place, and gets that one's
        turn, so that other parties wait no longer for it."""
        queue = self._queue
        party = (at for at, ticket in enumerate(queue) if ticket.whose == queue[0].whose)
        lowest = min(party, key=lambda at: queue[at].place)
        queue[0], queue[lowest] = queue[lowest], queue[0]
        return queue.pop(0)
