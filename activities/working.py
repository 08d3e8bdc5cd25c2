"""CPU-bound work in threads: as much at once as there are cores, and stopped soon after its activity is cancelled."""

import asyncio
import errno
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from bookwright.contracts.errors import StorageFull

T = TypeVar("T")
OnProgress = Callable[[int], None]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


async def _ended(task: asyncio.Task[T]) -> None:
    """Wait until the task has ended, however often the one who waits is cancelled meanwhile."""
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # seen: it need not be logged


class Cores:
    """The cores of this machine, shared by all that binds in this process."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.cpu_count() or 1
        self._free = asyncio.Semaphore(self.count)

    async def run(self, work: Callable[[OnProgress], T]) -> T:
        """Run `work` in a thread. It calls what it is given with its progress, which raises once this activity is
        cancelled; the cancellation takes effect when the thread has ended, so that nothing of it is left behind.
        Raises StorageFull when `work` finds no room on the disk."""
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
                await _ended(working)
                raise
            except OSError as error:
                if error.errno in _NO_ROOM:
                    raise StorageFull("The disk is full. Free some space, then resume the job.") from error
                raise
