"""The port to where batches are kept and their items ordered."""

from typing import Protocol

from bookwright.contracts.batches import BatchEnd, BatchLook, BatchPlan, BatchRef, BatchRun
from bookwright.contracts.ids import JobId


class BatchDesk(Protocol):
    """Works on batches. Everything may be repeated without effect."""

    async def open(self, run: BatchRun, workflow_id: str) -> BatchPlan:
        """The batch of a run, made from its schedule if it comes from one. Raises NotFound."""
        ...

    async def order(self, ref: BatchRef) -> JobId | None:
        """The job of an item, ordered now unless it was before; None, with the reason on record, when it is
        refused."""
        ...

    async def still_open(self, look: BatchLook) -> list[JobId]:
        """Those of the jobs that go on."""
        ...

    async def close(self, end: BatchEnd) -> None:
        """Record how the batch ended; of one that was cancelled, the jobs that go on are cancelled too."""
        ...
