"""Batches: an item in, the job that works it off out; and looks at how those jobs stand."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from bookwright.contracts.batches import BatchEnd, BatchLook, BatchPlan, BatchRef, BatchRun, Ordered
from bookwright.contracts.ids import JobId
from bookwright.contracts.ports.batches import BatchDesk


class BatchWork:
    """The short activities of a batch."""

    def __init__(self, desk: BatchDesk) -> None:
        self._desk = desk

    def all(self) -> list[Callable[..., Any]]:
        """Everything to register."""
        return [self.open, self.order, self.look, self.close]

    @activity.defn(name="Open batch")
    async def open(self, run: BatchRun) -> BatchPlan:
        """The batch of a run."""
        return await self._desk.open(run, activity.info().workflow_id or "")

    @activity.defn(name="Order item")
    async def order(self, ref: BatchRef) -> Ordered:
        """Have an item worked off by a job, which waits for its turn like any other."""
        return Ordered(job_id=await self._desk.order(ref))

    @activity.defn(name="Look at jobs")
    async def look(self, look: BatchLook) -> list[JobId]:
        """Those of the jobs that go on."""
        return await self._desk.still_open(look)

    @activity.defn(name="Close batch")
    async def close(self, end: BatchEnd) -> None:
        """Record how the batch ended."""
        await self._desk.close(end)
