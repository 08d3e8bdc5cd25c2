"""`AudiobookIngestion`: makes a readable, described book of recordings."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.describing import Describing
    from activities.ingesting import Ingesting
    from activities.outside import Outside
    from bookwright.contracts.book import TrackState
    from bookwright.contracts.ids import chapter_workflow_id
    from bookwright.contracts.ingestion import (
        ChaptersPlan,
        ChapterTask,
        IngestionPlan,
        PagesTask,
        PagesWritten,
        RecordingRef,
        StepChange,
        StepKind,
        StepOutcome,
        StepTask,
        Transcribed,
    )
    from bookwright.contracts.orders import BookContext
    from bookwright.contracts.outside import ATTEMPTS, OutsideTask
    from bookwright.contracts.progress import (
        BookResult,
        BookRun,
        JobState,
        StageChange,
        StageChanges,
        StageName,
    )
    from workflows import policies
    from workflows.durable import once_it_is_back, to_an_outcome
    from workflows.job import JobWorkflow
    from workflows.steering import stop_if_cancelled
    from workflows.transcription import ChapterTranscription

SURVEYS_AT_ONCE = 2
CHAPTERS_AT_ONCE = 16
"""Given to workers at once; how many of them a transcriber takes at a time is theirs to see to."""
NOT_DONE = "stopped before everything was transcribed"
_RUNS = {
    StepKind.SUMMARIZE: (Describing.summarize, policies.SUMMARY),
    StepKind.TAG: (Describing.tag, policies.TAGS),
    StepKind.EMBED: (Describing.embed, policies.EMBEDDING),
}


@workflow.defn
class AudiobookIngestion(JobWorkflow):
    """Surveys the recordings, has every chapter written down in a child workflow of its own, and writes pages as far as
    chapters are there without a gap. Summary and tags begin with the first chapter, and are made anew from the whole.

    A step that can't be done is recorded as a dead letter and keeps no other from being done; the next job of the book
    makes what is missing. The job fails when a recording can't be read, or nobody is heard to speak in any."""

    @workflow.init
    def __init__(self, order: BookRun) -> None:
        super().__init__(order)
        self._chapters = 0
        self._heard: dict[int, bool] = {}
        """For each chapter with an outcome, whether it was written down."""
        self._dead: dict[StepKind, str] = {}

    @workflow.run
    async def run(self, order: BookRun) -> BookResult:
        return await self._work_off(self._make())

    # -- how a book is made ------------------------------------------------------------------------------------------

    async def _make(self) -> BookResult:
        opened: IngestionPlan = await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Ingesting.open, self._order.order, summary="Open the ingestion", **policies.STORE
            ),
            also_timeouts=True,
        )
        context = opened.context
        await self._survey(context, opened.recordings)
        plan: ChaptersPlan = await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Ingesting.plan, context, summary="Plan the chapters", **policies.STORE
            ),
            also_timeouts=True,
        )
        self._chapters = plan.chapters
        self._heard = {chapter: True for chapter in range(1, plan.chapters + 1) if chapter not in plan.todo}
        await self._record(context, *self._begin(StageName.TEXT, plan.chapters))
        await self._step(context, StepKind.TRANSCRIBE, TrackState.PROCESSING)
        first = asyncio.create_task(self._describe_first(context))
        written, _ = await asyncio.gather(self._write(context), self._transcribe(context, list(plan.todo)))
        await first
        if self._steering.finishing or written is None:
            return await self._close(context, JobState.CANCELLED, warning=NOT_DONE)
        if written.words == 0:
            await self._nothing_heard(context, written)
        await self._transcribed(written.context)
        task = StepTask(context=written.context, last=plan.chapters, whole=True)
        await asyncio.gather(*(self._run(kind, task, ends=True) for kind in _RUNS))
        stop_if_cancelled()
        return await self._close(written.context, JobState.DONE, warning=self._warning(written), written=written)

    async def _survey(self, context: BookContext, recordings: int) -> None:
        room = asyncio.Semaphore(SURVEYS_AT_ONCE)

        async def survey(number: int) -> None:
            async with room:
                stop_if_cancelled()
                ref = RecordingRef(context=context, number=number, recordings=recordings)
                await once_it_is_back(
                    lambda: workflow.execute_activity_method(
                        Ingesting.survey, ref, summary=f"Survey recording {number}/{recordings}", **policies.SURVEY
                    )
                )

        await asyncio.gather(*(survey(number) for number in range(1, recordings + 1)))

    async def _transcribe(self, context: BookContext, todo: list[int]) -> None:
        """Every chapter in a child of its own, earliest first, CHAPTERS_AT_ONCE at a time."""

        async def lane() -> None:
            while todo and await self._steering.clear() and todo:
                transcribed = await self._chapter(context, todo.pop(0))
                self._heard[transcribed.chapter] = not transcribed.failed
                self._board.count(StageName.TEXT, done=not transcribed.failed, failed=transcribed.failed)
                self._tell()
                await self._step(context, StepKind.TRANSCRIBE, TrackState.PROCESSING)

        await asyncio.gather(*(lane() for _ in range(CHAPTERS_AT_ONCE)))

    async def _chapter(self, context: BookContext, chapter: int) -> Transcribed:
        child = await workflow.start_child_workflow(
            ChapterTranscription.run,
            ChapterTask(context=context, chapter=chapter, paused=self._steering.paused),
            id=chapter_workflow_id(workflow.info().workflow_id, chapter),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            task_timeout=policies.WORKFLOW_TASK,
            static_summary=f"Chapter {chapter}/{self._chapters}",
        )
        self._relay.add(chapter, child)
        try:
            return await child
        except ChildWorkflowError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("chapter failed", extra={"chapter": chapter})
            return Transcribed(chapter=chapter, failed=True)
        finally:
            self._relay.remove(chapter)

    async def _write(self, context: BookContext) -> PagesWritten | None:
        """Write pages as often as more chapters are there without a gap; None when the job ends before there are
        any."""
        at, written = 0, None
        while at < self._chapters:
            await workflow.wait_condition(partial(self._is_beyond, at))
            stop_if_cancelled()
            if (reached := self._reached) == at:
                break
            task = PagesTask(context=context, first=at + 1, last=reached)
            written = await self._pages(task)
            at = reached
        return written

    async def _pages(self, task: PagesTask) -> PagesWritten:
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Ingesting.write, task, summary=f"Write the pages of chapters 1–{task.last}", **policies.READING
            )
        )

    def _is_beyond(self, chapter: int) -> bool:
        """Whether there is more to write than up to this chapter, or nothing more is to come."""
        return self._reached > chapter or self._steering.finishing

    @property
    def _reached(self) -> int:
        """The last chapter that has an outcome, as all before it have."""
        chapter = 0
        while chapter + 1 in self._heard:
            chapter += 1
        return chapter

    async def _describe_first(self, context: BookContext) -> None:
        """Summary and tags from the first chapter, while the others are still being transcribed."""
        await workflow.wait_condition(lambda: 1 in self._heard or self._steering.finishing)
        if self._heard.get(1) and self._chapters > 1:
            task = StepTask(context=context, last=1, whole=False)
            await asyncio.gather(*(self._run(kind, task) for kind in (StepKind.SUMMARIZE, StepKind.TAG)))

    # -- the steps ---------------------------------------------------------------------------------------------------

    async def _run(self, kind: StepKind, task: StepTask, *, ends: bool = False) -> None:
        """Run a step. A run from the first chapter alone may fail unseen: the one from the whole book counts."""
        run, policy = _RUNS[kind]
        await self._step(task.context, kind, TrackState.PROCESSING)

        async def give_up(error: ApplicationError) -> StepOutcome:
            if ends:
                self._dead[kind] = error.message
                await self._step(task.context, kind, TrackState.FAILED, error.type, error.message)
            return StepOutcome()

        summary = f"{kind.value.capitalize()} chapters 1–{task.last}"
        outcome = await self._steering.when_clear(
            lambda: to_an_outcome(run, task, give_up, summary=summary, policy=policy)
        )
        if outcome and outcome.outside is not None:
            await self._steering.unless_finishing(self._outside(kind, task, outcome.outside, give_up))
        if ends and kind not in self._dead and not self._steering.finishing:
            await self._step(task.context, kind, TrackState.COMPLETED)

    async def _outside(
        self,
        kind: StepKind,
        task: StepTask,
        basis: int,
        give_up: Callable[[ApplicationError], Awaitable[StepOutcome]],
    ) -> StepOutcome:
        """Wait until an outside worker has done a step, or it has failed ATTEMPTS times."""
        wanted = OutsideTask(context=task.context, kind=kind, last=task.last, basis=basis)
        return await to_an_outcome(
            Outside.describe,
            wanted,
            give_up,
            summary=f"Wait for somebody to {kind} chapters 1–{task.last}",
            policy=policies.OUTSIDE,
            attempts=ATTEMPTS,
        )

    async def _transcribed(self, context: BookContext) -> None:
        lost = sum(not heard for heard in self._heard.values())
        if lost:
            error = f"{lost} of {self._chapters} chapters could not be written down"
            self._dead[StepKind.TRANSCRIBE] = error
            await self._step(context, StepKind.TRANSCRIBE, TrackState.FAILED, "Permanent", error)
        else:
            await self._step(context, StepKind.TRANSCRIBE, TrackState.COMPLETED)
        self._board.end(StageName.TEXT, workflow.now())
        await self._record(context, self._board.change(StageName.TEXT))

    async def _nothing_heard(self, context: BookContext, written: PagesWritten) -> None:
        """End a job that found nothing to read."""
        if written.failed:
            message = (
                f"{written.failed} of {self._chapters} chapters could not be written down, and the others are silent"
            )
        else:
            message = "nobody is heard to speak: the recordings are silent, or hold music only"
        await self._step(context, StepKind.TRANSCRIBE, TrackState.FAILED, "EmptySource", message)
        raise ApplicationError(message, type="EmptySource", non_retryable=True)

    async def _step(
        self,
        context: BookContext,
        kind: StepKind,
        state: TrackState,
        error_type: str | None = None,
        error: str | None = None,
    ) -> None:
        done, total = 0, 1
        if kind is StepKind.TRANSCRIBE:
            done, total = sum(self._heard.values()), self._chapters
        change = StepChange(
            context=context, kind=kind, state=state, done=done, total=total, error_type=error_type, error=error
        )
        await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Ingesting.step, change, summary=f"{kind} {state}", **policies.STORE
            ),
            also_timeouts=True,
        )

    # -- how it ends -------------------------------------------------------------------------------------------------

    def _warning(self, written: PagesWritten) -> str | None:
        """What is missing, in words."""
        parts = [f"{kind}: {error}" for kind, error in self._dead.items()]
        if written.silent:
            parts.append(f"nobody is heard to speak in {written.silent} of {self._chapters} chapters")
        return " and ".join(parts) or None

    async def _close(
        self, context: BookContext, state: JobState, *, warning: str | None, written: PagesWritten | None = None
    ) -> BookResult:
        pages = written.context.pages if written else 0
        changes = StageChange(name=StageName.NARRATION, state=TrackState.COMPLETED, total=pages)
        stages = StageChanges(context=context, changes=(changes,)) if written else None
        counts = await self._record_end(state, warning=warning, stages=stages)
        return BookResult(
            book_id=self._order.book_id,
            job_id=self._job,
            state=state,
            pages=pages,
            failed_pages=written.failed if written else 0,
            files=0,
            warning=warning,
            counts=counts,
        )

    def _tell(self) -> None:
        """What the Temporal UI shows."""
        done = f"{sum(self._heard.values())} of {self._chapters} chapters written down"
        workflow.set_current_details(f"**{self._title}**: {done}")
