"""Steps that are left to outside workers: offered here, ended by the API when somebody reports on them."""

from typing import NoReturn

from temporalio import activity

from bookwright.contracts.book import TrackState
from bookwright.contracts.ingestion import ChapterTask, OutputKind, StepKind, StepOutcome, Transcribed
from bookwright.contracts.outside import OutsideTask
from bookwright.contracts.ports.ingestion import Ingestions, OutsideOffers

_OUTPUTS = {StepKind.SUMMARIZE: OutputKind.SUMMARY, StepKind.TAG: OutputKind.TAGS}


class Outside:
    """Each activity offers its step and is completed asynchronously. What is claimed is kept alive by the claimer's
    reports: when they cease, or nobody has claimed it, the heartbeat times out and the next attempt offers it anew. So
    nothing that dies in between, on either side, leaves a step waiting for ever. An attempt that finds the result in
    the store ends with it: the completion was lost after that was written."""

    def __init__(self, ingestions: Ingestions, offers: OutsideOffers) -> None:
        self._ingestions = ingestions
        self._offers = offers

    @activity.defn(name="Have chapter transcribed outside")
    async def transcribe(self, task: ChapterTask) -> Transcribed:
        """Have an outside worker write a chapter down."""
        context = task.context
        chapter = await self._ingestions.chapter(context.owner_id, context.book_id, task.chapter)
        if chapter.state is TrackState.COMPLETED:
            return Transcribed(chapter=task.chapter, words=chapter.words)
        await self._offer(OutsideTask(context=context, kind=StepKind.TRANSCRIBE, chapter=task.chapter))

    @activity.defn(name="Have step done outside")
    async def describe(self, task: OutsideTask) -> StepOutcome:
        """Have an outside worker summarize or tag."""
        context = task.context
        outputs = await self._ingestions.outputs(context.owner_id, context.book_id, _OUTPUTS[task.kind])
        if 0 in outputs and outputs[0].basis == task.basis:
            return StepOutcome(done=1)
        await self._offer(task)

    async def _offer(self, task: OutsideTask) -> NoReturn:
        info = activity.info()
        attempt = int(info.current_attempt_scheduled_time.timestamp() * 1000)
        await self._offers.offer(task, info.task_token, attempt)
        activity.raise_complete_async()
