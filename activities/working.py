"""CPU-bound work in threads: as much at once as there are cores, and stopped soon after its activity is cancelled."""

import asyncio
import os
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
OnProgress = Callable[[int], None]


class Cores:
    """The cores of this machine, shared by all that binds in this process."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.cpu_count() or 1
        self._free = asyncio.Semaphore(self.count)

    async def run(self, work: Callable[[OnProgress], T]) -> T:
        """Run `work` in a thread. It calls what it is given with its progress, which raises once this activity is
        cancelled; the cancellation takes effect when the thread has ended, so that nothing of it is left behind."""
        stop = threading.Event()

        def on_progress(_done: int) -> None:
            if stop.is_set():
                raise InterruptedError

        async with self._free:
            working = asyncio.create_task(asyncio.to_thread(work, on_progress))
            try:
                return await asyncio.shield(working)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.gather(working, return_exceptions=True)
                raise
