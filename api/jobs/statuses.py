"""How jobs stand, for many who ask: one look per job and second, at the workflow first and else at the store."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from api.deps import Backend
from api.jobs.minutes import Minute, Minutes
from api.jobs.views import percent
from bookwright.contracts.book import BoundFile
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import BookStatus, JobState
from bookwright.store import JobProgress, JobRow

FRESH_S = 1.0
"""One look serves everybody for so long."""
USABLE_S = 3.0
"""Somebody who asks often gets the last answer at once while the next one is being fetched."""
AWAY_S = 5.0
"""For so long no workflow is asked after no worker answered."""
QUERY = timedelta(seconds=1)
_MOST = 2_000
"""Answers kept; older ones are dropped first."""
_ANSWERS_ANYWAY = (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT)
"""Errors about one workflow; they say nothing about the workers."""


@dataclass(frozen=True)
class JobStanding:
    """A job at one moment. `live` is what its workflow said; None when it was not asked or did not answer."""

    progress: JobProgress
    live: BookStatus | None
    files: tuple[BoundFile, ...]
    """Of a job that is done."""
    minutes: tuple[Minute, ...] = ()
    """Of the audiobook of a job that is done and has narrated it."""


@dataclass
class _Look:
    at: float
    task: "asyncio.Task[JobStanding]"
    before: JobStanding | None
    """The last answer, as long as it is usable."""
    before_at: float = 0.0


class Statuses:
    """Looks at jobs, each at most once a second."""

    def __init__(self, backend: Backend, clock: Callable[[], float] = time.monotonic) -> None:
        self._backend = backend
        self._clock = clock
        self._looks: dict[tuple[OwnerId, str], _Look] = {}
        self._away_until = 0.0
        self._minutes = Minutes(backend)

    async def of(self, owner: OwnerId, name: str) -> JobStanding:
        """How the owner's job (by id or number) stands. Raises NotFound, or ServiceUnavailable without a database."""
        now, key = self._clock(), (owner, name)
        look = self._looks.get(key)
        if look is None or now - look.at >= FRESH_S:
            look = self._begin(key, look, now)
        if not look.task.done() and look.before is not None and now - look.before_at < USABLE_S:
            return look.before
        return await asyncio.shield(look.task)

    def changed(self, owner: OwnerId) -> None:
        """The owner has steered a job: what was seen before is out of date."""
        for key in [key for key in self._looks if key[0] == owner]:
            del self._looks[key]

    def _begin(self, key: tuple[OwnerId, str], last: _Look | None, now: float) -> _Look:
        before, before_at = None, 0.0
        if last is not None and last.task.done() and not last.task.cancelled() and last.task.exception() is None:
            before, before_at = last.task.result(), last.at
        elif last is not None:
            before, before_at = last.before, last.before_at
            if not last.task.done():
                last.at = now  # it takes longer than a second: the next look waits for its end
                return last
        while len(self._looks) >= _MOST:
            del self._looks[next(iter(self._looks))]
        task = asyncio.create_task(self._look(*key))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to ask for it
        self._looks.pop(key, None)
        self._looks[key] = look = _Look(now, task, before, before_at)
        return look

    async def _look(self, owner: OwnerId, name: str) -> JobStanding:
        progress = await self._backend.jobs.progress(owner, name)
        job = progress.job
        live = await self._ask(job) if job.state in (JobState.RUNNING, JobState.PAUSED) else None
        done = job.state is JobState.DONE
        files = tuple(await self._backend.books.files(owner, job.book_id)) if done else ()
        told = done and Track.NARRATION in job.order.tracks
        minutes = await self._minutes.of(owner, job.book_id, files) if told else ()
        return JobStanding(await self._remembered(progress, live), live, files, minutes)

    async def _remembered(self, progress: JobProgress, live: BookStatus | None) -> JobProgress:
        """The progress, kept as what is now told of it: later looks, also of other processes, don't fall behind."""
        job, told = progress.job, percent(progress, live)
        if told <= job.shown or job.state.closed:
            return progress
        with suppress(ServiceUnavailable):
            await self._backend.jobs.show(job.owner_id, job.job_id, told)
        return progress.model_copy(update={"job": job.model_copy(update={"shown": told})})

    async def _ask(self, job: JobRow) -> BookStatus | None:
        """What the workflow says. None while no worker answers."""
        if self._clock() < self._away_until:
            return None
        try:
            client = await self._backend.temporal.client()
            handle = client.get_workflow_handle(job.workflow_id)
            answer = await handle.query("status", result_type=BookStatus, rpc_timeout=QUERY)
            return BookStatus.model_validate(answer)
        except WorkflowQueryFailedError:
            return None
        except (ServiceUnavailable, RPCError) as error:
            if not (isinstance(error, RPCError) and error.status in _ANSWERS_ANYWAY):
                self._away_until = self._clock() + AWAY_S
            return None
