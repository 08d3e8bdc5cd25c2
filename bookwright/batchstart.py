"""Telling Temporal of batches and schedules: what was accepted while it was away is begun when it is back."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from bookwright.contracts.batches import BatchRun, BatchState, Timing
from bookwright.contracts.queues import Queue
from bookwright.store.batches.store import BatchFacts, BatchStore, ScheduleFacts
from bookwright.telemetry.logs import get_logger

logger = get_logger(__name__)

TASK = timedelta(seconds=2)
CATCH_UP = timedelta(days=1)
"""A run that was due while Temporal was away is made up for when it is back within so long."""


class BatchStarter:
    """Runs in every worker; doing the same twice has no effect."""

    def __init__(self, client: Client, batches: BatchStore) -> None:
        self._client = client
        self._batches = batches

    async def look(self) -> None:
        """Start the batches that wait, and bring Temporal's schedules in step with the store's."""
        for batch in await self._batches.waiting():
            await self._start(batch)
        for schedule in await self._batches.unsettled():
            await (self._drop(schedule) if schedule.removed else self._keep(schedule))
            await self._batches.settled(schedule)

    async def _start(self, batch: BatchFacts) -> None:
        try:
            await self._client.start_workflow(
                "BatchGeneration",
                BatchRun(owner_id=batch.owner_id, batch_id=batch.batch_id),
                id=batch.workflow_id,
                task_queue=Queue.BOOKS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                task_timeout=TASK,
                static_summary=batch.name,
            )
            logger.info("batch started", owner=batch.owner_id, batch=batch.batch_id)
        except WorkflowAlreadyStartedError:
            pass
        await self._batches.change(batch.owner_id, batch.batch_id, BatchState.RUNNING)

    async def _keep(self, schedule: ScheduleFacts) -> None:
        action = ScheduleActionStartWorkflow(
            "BatchGeneration",
            BatchRun(owner_id=schedule.owner_id, schedule_id=schedule.schedule_id),
            id=f"batch/schedule/{schedule.schedule_id}",
            task_queue=Queue.BOOKS,
            task_timeout=TASK,
            static_summary=schedule.name,
        )
        once = schedule.timing.at is not None
        wanted = Schedule(
            action=action,
            spec=spec_of(schedule.timing),
            # A run that is still on is not joined by another one.
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
            state=ScheduleState(limited_actions=once, remaining_actions=int(once), note=schedule.name),
        )
        try:
            await self._client.create_schedule(schedule_name(schedule), wanted)
            logger.info("schedule kept", owner=schedule.owner_id, schedule=schedule.schedule_id)
        except ScheduleAlreadyRunningError:
            pass

    async def _drop(self, schedule: ScheduleFacts) -> None:
        try:
            await self._client.get_schedule_handle(schedule_name(schedule)).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


def schedule_name(schedule: ScheduleFacts) -> str:
    """The id of the Temporal Schedule."""
    return f"schedule/{schedule.schedule_id}"


def spec_of(timing: Timing) -> ScheduleSpec:
    """The timing in Temporal's words."""
    if timing.cron is not None:
        return ScheduleSpec(cron_expressions=[timing.cron], time_zone_name=timing.timezone)
    assert timing.at is not None
    at = timing.at
    calendar = ScheduleCalendarSpec(
        second=[ScheduleRange(at.second)],
        minute=[ScheduleRange(at.minute)],
        hour=[ScheduleRange(at.hour)],
        day_of_month=[ScheduleRange(at.day)],
        month=[ScheduleRange(at.month)],
        year=[ScheduleRange(at.year)],
    )
    return ScheduleSpec(calendars=[calendar])
