"""Doing to many jobs what an operator wanted of them, one by one, in the workers."""

import asyncio

from bookwright.contracts.errors import Conflict, NotFound, ServiceUnavailable
from bookwright.steering import Steering
from bookwright.store import JobRow, JobStore
from bookwright.store.bulk.store import BulkJob, BulkStore, BulkVerb
from bookwright.telemetry.logs import get_logger

logger = get_logger(__name__)

AT_ONCE = 20


class BulkSteering:
    """Runs in every worker. What was done before a crash may be repeated: Temporal takes the same signal twice, and a
    job that was ordered again is left alone."""

    def __init__(self, bulk: BulkStore, jobs: JobStore, steering: Steering) -> None:
        self._bulk = bulk
        self._jobs = jobs
        self._steering = steering

    async def look(self) -> None:
        """Do all that is to be done now."""
        while await self.work():
            pass

    async def work(self) -> int:
        """Do it to some jobs; answers to how many. One that Temporal can't be asked about just now is left until its
        claim lapses."""
        claimed = await self._bulk.claim(AT_ONCE)
        await asyncio.gather(*(self._do(job) for job in claimed))
        return len(claimed)

    async def _do(self, wanted: BulkJob) -> None:
        try:
            job = await self._jobs.job(wanted.owner_id, wanted.job_id)
            match wanted.action:
                case BulkVerb.CANCEL:
                    await self._steering.cancel(job)
                case BulkVerb.PAUSE:
                    await self._steering.pause(job)
                case BulkVerb.RESUME:
                    await self._steering.resume(job)
                case BulkVerb.RETRY:
                    await self._retry(job)
        except (Conflict, NotFound) as refused:
            await self._bulk.settle(wanted, str(refused))
        except ServiceUnavailable:
            logger.warning("a job of a bulk action waits", job=wanted.job_id, action=wanted.action)
        else:
            await self._bulk.settle(wanted, None)

    async def _retry(self, job: JobRow) -> None:
        newest = await self._jobs.newest_of(job.owner_id, job.book_id)
        if newest.generation == job.generation:  # else it was done before a crash, or by somebody else
            await self._steering.retry(job)
