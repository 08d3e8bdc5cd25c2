"""`BatchGeneration`: works off many orders, a bounded number at once."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.batchwork import BatchWork
    from bookwright.contracts.batches import BatchEnd, BatchLook, BatchPlan, BatchRef, BatchResult, BatchRun, BatchState
    from bookwright.contracts.ids import JobId
    from workflows import policies
    from workflows.durable import once_it_is_back
    from workflows.steering import stop_if_cancelled

FIRST_LOOK_S, LONGEST_PAUSE_S = 0.5, 30.0
PATIENCE = 1.1
"""Looks are so much further apart each time: a job's end is noticed within a tenth of the time that it took."""
LOOKS_PER_RUN = 400
"""Then the batch continues as new: a look is about 10 events, a run may have 10,000."""


@workflow.defn
class BatchGeneration:
    """Orders the batch's items one after the other; each becomes a job of its own, which admission starts like any
    other. As many as the batch may have at once are under way, and the next one is ordered when one has ended or
    stands still until somebody acts. An item that is refused, or whose job fails, keeps no other from being made."""

    @workflow.init
    def __init__(self, run: BatchRun) -> None:
        self._run = run
        self._plan: BatchPlan | None = None
        self._next = run.next_item
        self._open: list[JobId] = list(run.open_jobs)

    @workflow.run
    async def run(self, run: BatchRun) -> BatchResult:
        plan = await self._begin()
        try:
            await self._work_off(plan)
        except BaseException as error:
            if is_cancelled_exception(error):
                await asyncio.shield(asyncio.create_task(self._close(plan, BatchState.CANCELLED)))
            raise
        return await self._close(plan, BatchState.DONE)

    async def _begin(self) -> BatchPlan:
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                BatchWork.open, self._run, summary="Open the batch", **policies.STORE
            ),
            also_timeouts=True,
        )

    async def _work_off(self, plan: BatchPlan) -> None:
        pause, looks = FIRST_LOOK_S, 0
        while True:
            while len(self._open) < plan.at_once and self._next <= plan.items:
                stop_if_cancelled()
                await self._order(plan)
            self._tell(plan)
            if not self._open:
                return
            if looks >= LOOKS_PER_RUN or workflow.info().is_continue_as_new_suggested():
                rest = {"batch_id": plan.batch_id, "next_item": self._next, "open_jobs": tuple(self._open)}
                workflow.continue_as_new(self._run.model_copy(update=rest))
            await workflow.sleep(timedelta(seconds=pause))
            still = await self._look()
            pause = FIRST_LOOK_S if len(still) < len(self._open) else min(pause * PATIENCE, LONGEST_PAUSE_S)
            self._open, looks = still, looks + 1

    async def _order(self, plan: BatchPlan) -> None:
        ref = BatchRef(owner_id=self._run.owner_id, batch_id=plan.batch_id, item=self._next)
        ordered = await once_it_is_back(
            lambda: workflow.execute_activity_method(
                BatchWork.order, ref, summary=f"Order item {ref.item}/{plan.items}", **policies.STORE
            ),
            also_timeouts=True,
        )
        self._next += 1
        if ordered.job_id is not None:
            self._open.append(ordered.job_id)

    async def _look(self) -> list[JobId]:
        stop_if_cancelled()
        look = BatchLook(owner_id=self._run.owner_id, jobs=tuple(self._open))
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                BatchWork.look, look, summary=f"Look at {len(look.jobs)} jobs", **policies.STORE
            ),
            also_timeouts=True,
        )

    async def _close(self, plan: BatchPlan, state: BatchState) -> BatchResult:
        end = BatchEnd(owner_id=self._run.owner_id, batch_id=plan.batch_id, state=state)
        await workflow.execute_activity_method(
            BatchWork.close, end, summary=f"Close the batch: {state}", **policies.RECORD
        )
        return BatchResult(batch_id=plan.batch_id, items=plan.items, state=state)

    def _tell(self, plan: BatchPlan) -> None:
        """What the Temporal UI shows."""
        workflow.set_current_details(
            f"**{plan.name}**: {self._next - 1} of {plan.items} ordered, {len(self._open)} under way"
        )
