"""What the workflows that work off an order have in common: what people can ask and say, and how a job ends."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.records import Records
    from bookwright.contracts.book import TrackState
    from bookwright.contracts.calls import CallCounts
    from bookwright.contracts.errors import PERMANENT
    from bookwright.contracts.ids import JobId, job_id
    from bookwright.contracts.orders import BookContext
    from bookwright.contracts.progress import (
        BookResult,
        BookRun,
        BookStatus,
        BudgetRaise,
        Hold,
        HoldKind,
        JobEnd,
        JobState,
        StageChange,
        StageChanges,
        StageName,
    )
    from bookwright.money.usd import to_micros
    from workflows import policies
    from workflows.board import Board
    from workflows.durable import once_it_is_back
    from workflows.relay import Relay
    from workflows.steering import FINISH_UP, HOLD, PAUSE, RESUME, Steering


class JobWorkflow:
    """Base of `BookGeneration` and `AudiobookIngestion`, which say what is made."""

    def __init__(self, order: BookRun) -> None:
        so_far = order.so_far
        self._order = order
        self._board = Board(order, so_far.stages if so_far else ())
        self._steering = Steering(paused=bool(so_far and so_far.paused))
        self._relay = Relay(self._steering, order.owner_id)
        self._state = JobState.RUNNING

    # -- what people can ask and say ---------------------------------------------------------------------------------

    @workflow.query
    def status(self) -> BookStatus:
        """Stages and chapters as they stand. Pages are in the store."""
        hold = self._steering.hold
        return BookStatus(
            book_id=self._order.book_id,
            job_id=self._job,
            title=self._title,
            state=JobState.PAUSED if self._steering.paused and not self._state.closed else self._state,
            paused_reason=hold.reason if hold else None,
            stages=self._board.stages,
            chapters=self._board.chapters,
            as_of=workflow.now(),
        )

    @workflow.signal(name=PAUSE)
    def pause(self, reason: str = "paused") -> None:
        """Begin nothing new until resumed; what is under way is finished."""
        self._steering.pause(reason)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on after a pause, or after what held the job up was put right."""
        self._steering.resume()
        self._relay.tell_again()

    @workflow.signal(name=FINISH_UP)
    def cancel_after_page(self) -> None:
        """Finish the pages (or chapters) under way, bind what there is, and end as cancelled."""
        self._steering.finish_up()
        self._relay.tell_again()

    @workflow.signal(name=HOLD)
    def hold(self, reason: Hold) -> None:
        """A chapter stands still: for a person (all wait then) or for a provider's time."""
        if not self._steering.finishing and not self._steering.paused:
            self._steering.hold = reason

    @workflow.update
    async def raise_budget(self, cap_usd: Decimal) -> str:
        """Set the order's budget, in US dollars, and go on if it was what held the job up."""
        await workflow.execute_activity_method(
            Records.raise_budget,
            BudgetRaise(owner_id=self._order.owner_id, job_id=self._job, cap_micros=to_micros(cap_usd)),
            summary=f"Budget {cap_usd} USD",
            **policies.STORE,
        )
        if self._steering.hold and self._steering.hold.kind is HoldKind.BUDGET:
            self.resume()
        return str(cap_usd)

    @raise_budget.validator
    def _check_budget(self, cap_usd: Decimal) -> None:
        if not cap_usd.is_finite() or not 0 < cap_usd < 1_000_000:
            raise ValueError("cap_usd: give an amount in US dollars above 0")

    # -- how it is worked off ----------------------------------------------------------------------------------------

    async def _work_off(self, making: Awaitable[BookResult]) -> BookResult:
        """What is made, and that it is written down however it ends."""
        watching = asyncio.create_task(self._relay.run())
        try:
            result = await making
        except BaseException as error:
            if isinstance(error, workflow.ContinueAsNewError):
                raise
            await self._end_badly(error)
            if isinstance(error, ActivityError) and isinstance(error.cause, ApplicationError):
                # What people see in the Temporal UI is why, not that an activity failed.
                raise ApplicationError(error.cause.message, type=error.cause.type, non_retryable=True) from error
            raise
        finally:
            watching.cancel()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    async def _end_badly(self, error: BaseException) -> None:
        """Write down that the job was cancelled or failed; what was made is kept for the next generation."""
        cancelled = is_cancelled_exception(error)
        cause = error.cause if isinstance(error, ActivityError) and error.cause else error
        recording = asyncio.create_task(
            self._record_end(
                JobState.CANCELLED if cancelled else JobState.FAILED,
                error=None if cancelled else str(cause),
                may_retry=not (cancelled or (isinstance(cause, ApplicationError) and cause.type in PERMANENT)),
            )
        )
        await asyncio.shield(recording)

    async def _record_end(
        self,
        state: JobState,
        *,
        warning: str | None = None,
        error: str | None = None,
        may_retry: bool = False,
        stages: StageChanges | None = None,
    ) -> CallCounts:
        self._state = state
        end = JobEnd(
            owner_id=self._order.owner_id,
            job_id=self._job,
            state=state,
            warning=warning,
            error=error,
            may_retry=may_retry,
            stages=stages,
        )
        summary = f"Close the job: {state}"
        # A good end is recorded in the very task in which the workflow ends. That may be repeated, which is no matter
        # here; but a job that failed goes back into the queue each time.
        if stages is not None and workflow.patched("close-in-place"):
            ended = await workflow.execute_local_activity_method(Records.close, end, summary=summary, **policies.CLOSE)
        else:
            ended = await workflow.execute_activity_method(Records.close, end, summary=summary, **policies.RECORD)
        return ended.counts

    # -- keeping everybody informed ----------------------------------------------------------------------------------

    @property
    def _job(self) -> JobId:
        return job_id(workflow.info().workflow_id)

    @property
    def _title(self) -> str:
        return self._order.title or "Untitled"

    def _begin(self, name: StageName, total: int) -> list[StageChange]:
        """The change to record, unless an earlier run has begun the stage."""
        if self._board[name].started_at is not None:
            return []
        self._board.begin(name, total, workflow.now())
        return [StageChange(name=name, state=TrackState.PROCESSING, total=total)]

    def _end(self, name: StageName) -> StageChange:
        stage = self._board[name]
        state = TrackState.FAILED if stage.failed and not stage.done else TrackState.COMPLETED
        self._board.end(name, workflow.now(), state)
        return self._board.change(name)

    async def _record(self, context: BookContext, *changes: StageChange) -> None:
        """Write stages down."""
        if changes:
            await once_it_is_back(
                lambda: workflow.execute_activity_method(
                    Records.stages,
                    StageChanges(context=context, changes=changes),
                    summary=", ".join(f"{change.name} {change.state}" for change in changes),
                    **policies.STORE,
                ),
                also_timeouts=True,
            )
