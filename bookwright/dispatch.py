"""The outbox dispatcher: starts accepted jobs within their limits, and closes jobs whose workflow ended unseen."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from bookwright.contracts import attributes
from bookwright.contracts.errors import BookwrightError, Conflict
from bookwright.contracts.orders import BookOrder, JobKind, Recordings
from bookwright.contracts.progress import JobState
from bookwright.contracts.queues import Queue
from bookwright.steering import Steering
from bookwright.store.jobs.store import ClaimedJob, JobStore
from bookwright.store.jobs.wishes import Wish
from bookwright.telemetry.logs import bound, get_logger
from bookwright.telemetry.tracing import span

logger = get_logger(__name__)

POLL_S = 0.05
RECONCILE_S = 10.0
DELIVER_S = 1.0
CLAIMS_AT_ONCE = 20
WORKFLOW_TASK = timedelta(seconds=2)


class Dispatcher:
    """Runs in every worker; claiming with SKIP LOCKED keeps them from starting a job twice."""

    def __init__(
        self,
        client: Client,
        jobs: JobStore,
        limits: Mapping[JobKind, int],
        per_user: int | None,
        tidy: Callable[[], Awaitable[None]],
        rates: Mapping[JobKind, int] = MappingProxyType({}),
    ) -> None:
        """`limits` are the jobs of a kind that run at once, `rates` those that start in a minute. `tidy` is called now
        and then: it settles what crashed processes left behind."""
        self._client = client
        self._jobs = jobs
        self._tidy = tidy
        self._limits = dict(limits)
        self._rates = dict(rates)
        self._per_user = per_user
        self._steering = Steering(jobs, self._connected)

    async def run(self) -> None:
        """Dispatch until cancelled. Trouble with the store or with Temporal is waited out."""
        await asyncio.gather(self._dispatching(), self._delivering())

    async def _dispatching(self) -> None:
        reconciled = 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self.dispatch()
                if loop.time() - reconciled > RECONCILE_S:
                    await self.reconcile()
                    await self._tidy()
                    reconciled = loop.time()
            except (BookwrightError, RPCError) as error:
                logger.warning("dispatching waits", reason=type(error).__name__)
            await asyncio.sleep(POLL_S)

    async def _delivering(self) -> None:
        """Beside dispatching, since a workflow that nobody works on is waited for."""
        while True:
            try:
                await self.deliver()
            except BookwrightError as error:
                logger.warning("delivering waits", reason=type(error).__name__)
            await asyncio.sleep(DELIVER_S)

    async def dispatch(self) -> int:
        """Start what may start now; answers how many jobs that were."""
        claimed = await self._jobs.claim(self._limits, self._per_user, CLAIMS_AT_ONCE, self._rates)
        for job in claimed:
            with bound(owner=job.owner_id, job=job.job_id, book=job.order.book_id, workflow=job.workflow_id):
                with span("dispatch", parent=job.trace):
                    await self._start(job)
                await self._jobs.started(job.owner_id, job.job_id)
        return len(claimed)

    async def reconcile(self) -> None:
        """Close the jobs whose workflow was terminated, or ended while the store could not be told."""
        for job in await self._jobs.running():
            try:
                description = await self._handle(job.workflow_id).describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                await self._jobs.requeue(job.owner_id, job.job_id)  # Temporal's history is gone: begin anew
                continue
            if description.status in _ENDS:
                state, reason = _ENDS[description.status]
                await self._jobs.close(job.owner_id, job.job_id, state, reason)

    async def deliver(self) -> None:
        """Have workflows take the updates that nobody could give them when they were wanted."""
        await asyncio.gather(*(self._deliver(wish) for wish in await self._jobs.open_wishes()))

    async def _deliver(self, wish: Wish) -> None:
        try:
            await self._steering.deliver(wish)
        except Conflict as refused:
            logger.warning("update refused", job=wish.job_id, update=wish.name, reason=str(refused))

    async def _connected(self) -> Client:
        return self._client

    def _handle(self, workflow_id: str) -> WorkflowHandle[object, object]:
        return self._client.get_workflow_handle(workflow_id)

    async def _start(self, job: ClaimedJob) -> None:
        """Start the workflow; starting it again after a crash finds the one that runs or ran."""
        try:
            await start_book(self._client, job.order, job.workflow_id, job.weight)
            logger.info("job started")
        except WorkflowAlreadyStartedError:
            logger.info("job was started before")


_ENDS = {
    WorkflowExecutionStatus.TERMINATED: (JobState.CANCELLED, "terminated by an operator"),
    WorkflowExecutionStatus.CANCELED: (JobState.CANCELLED, None),
    WorkflowExecutionStatus.FAILED: (JobState.FAILED, "the workflow failed; see its history"),
    WorkflowExecutionStatus.TIMED_OUT: (JobState.FAILED, "the workflow timed out"),
    WorkflowExecutionStatus.COMPLETED: (JobState.DONE, None),
}


async def start_book(client: Client, order: BookOrder, workflow_id: str, weight: float = 1.0) -> None:
    """Start `BookGeneration`, or `AudiobookIngestion` for recordings. The same id again attaches to the one that runs;
    one that has closed is refused with WorkflowAlreadyStartedError, for USE_EXISTING alone would start it anew. Where
    tasks wait, users get turns by their `weight`."""
    await client.start_workflow(
        "AudiobookIngestion" if isinstance(order.source, Recordings) else "BookGeneration",
        order,
        id=workflow_id,
        task_queue=Queue.BOOKS,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        task_timeout=WORKFLOW_TASK,
        request_eager_start=True,  # by the worker in this process, when it takes workflows
        priority=Priority(
            priority_key=(order.priority + 1) // 2, fairness_key=order.owner_id[:64], fairness_weight=weight
        ),
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(attributes.BOOK_ID, order.book_id),
                SearchAttributePair(attributes.USER_ID, order.owner_id),
                SearchAttributePair(attributes.BOOK_KIND, order.kind),
            ]
        ),
        static_summary=f"{order.title or 'Untitled'} · {order.language or 'language to be detected'}",
    )
