"""Room for so many at a time, which may become more or less while it is in use."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

SMALL_FIRST = 8
"""Of so many turns all but one go to the owner who wants the fewest; the last one to whoever waits longest."""


@dataclass(eq=False)
class _Ticket:
    owner: str
    whose: str
    place: int
    admitted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Room:
    """Admits those who wait in their order; of one party, whoever has the lowest place takes each of its turns. When
    several owners wait, most turns go to the one who has the fewest inside or waiting: a single book beside somebody's
    hundred has most of the room, and the hundred never stand still. When it becomes smaller nobody is sent out, but
    nobody is let in until there is room again."""

    def __init__(self, size: int, on_wait: Callable[[], None] = lambda: None) -> None:
        """`on_wait` is called when somebody has to wait."""
        self.size = size
        self.inside = 0
        self._on_wait = on_wait
        self._queue: list[_Ticket] = []
        self._turns = 0
        self._wanted: Counter[str] = Counter()
        """How many of each owner are inside or wait."""

    @property
    def wanted(self) -> int:
        """How many are inside or wait."""
        return self.inside + len(self._queue)

    def resize(self, size: int) -> None:
        """Have room for so many from now on."""
        self.size = size
        self._admit()

    async def __aenter__(self) -> None:
        await self._enter("", "", 0)

    async def __aexit__(self, *_: object) -> None:
        self._leave("")

    @asynccontextmanager
    async def at(self, owner: str, whose: str = "", place: int = 0) -> AsyncIterator[None]:
        """Be inside as one of the party `whose` of an owner."""
        await self._enter(owner, whose, place)
        try:
            yield
        finally:
            self._leave(owner)

    async def _enter(self, owner: str, whose: str, place: int) -> None:
        self._wanted[owner] += 1
        if self.inside < self.size and not self._queue:
            self.inside += 1
            return
        ticket = _Ticket(owner, whose, place)
        self._queue.append(ticket)
        self._on_wait()
        try:
            await ticket.admitted
        except asyncio.CancelledError:
            if ticket.admitted.cancelled():
                with suppress(ValueError):
                    self._queue.remove(ticket)
                self._forget(owner)
            else:
                self._leave(owner)  # it was let in, and cancelled in the same moment
            raise

    def _leave(self, owner: str) -> None:
        self.inside -= 1
        self._forget(owner)
        self._admit()

    def _forget(self, owner: str) -> None:
        self._wanted[owner] -= 1
        if not self._wanted[owner]:
            del self._wanted[owner]

    def _admit(self) -> None:
        while self._queue and self.inside < self.size:
            ticket = self._next()
            if not ticket.admitted.done():
                self.inside += 1
                ticket.admitted.set_result(None)

    def _next(self) -> _Ticket:
        """Take the next one out. It gives its party's turn to whoever of them has the lowest place, and gets that one's
        turn, so that other parties wait no longer for it."""
        queue, first = self._queue, self._turn()
        owner, whose = queue[first].owner, queue[first].whose
        party = (at for at, ticket in enumerate(queue) if ticket.owner == owner and ticket.whose == whose)
        lowest = min(party, key=lambda at: queue[at].place)
        queue[first], queue[lowest] = queue[lowest], queue[first]
        return queue.pop(first)

    def _turn(self) -> int:
        """Whose turn it is, as a place in the queue."""
        if len(self._wanted) < 2:
            return 0
        self._turns = (self._turns + 1) % SMALL_FIRST
        if not self._turns:
            return 0
        return min(range(len(self._queue)), key=lambda at: (self._wanted[self._queue[at].owner], at))
