"""`ChapterTranscription`: has one chapter of an audiobook written down."""

from collections.abc import Awaitable, Callable
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.outside import Outside
    from activities.transcribing import Transcribing
    from bookwright.contracts.ingestion import ChapterTask, Transcribed
    from bookwright.contracts.outside import ATTEMPTS
    from workflows import policies
    from workflows.durable import giving_up, to_an_outcome
    from workflows.steering import SteeredChild, stop_if_cancelled


@workflow.defn
class ChapterTranscription(SteeredChild):
    """One for each chapter. A chapter that can't be written down is recorded so, and fails nothing else."""

    @workflow.init
    def __init__(self, task: ChapterTask) -> None:
        super().__init__(paused=task.paused)

    @workflow.run
    async def run(self, task: ChapterTask) -> Transcribed:
        transcribed = await self._steering.when_clear(partial(self._attempt, task))
        if transcribed and transcribed.outside:
            transcribed = await self._steering.unless_finishing(self._outside(task))
        if transcribed is not None:
            await workflow.wait_condition(workflow.all_handlers_finished)
            return transcribed
        stop_if_cancelled()
        return Transcribed(chapter=task.chapter, failed=True)

    async def _attempt(self, task: ChapterTask) -> Transcribed:
        return await to_an_outcome(
            Transcribing.transcribe,
            task,
            self._giving_up(task),
            summary=f"Transcribe chapter {task.chapter}",
            policy=policies.TRANSCRIPTION,
        )

    async def _outside(self, task: ChapterTask) -> Transcribed:
        """Wait until an outside worker has written the chapter down, or it has failed ATTEMPTS times."""
        return await to_an_outcome(
            Outside.transcribe,
            task,
            self._giving_up(task),
            summary=f"Wait for chapter {task.chapter}",
            policy=policies.OUTSIDE,
            attempts=ATTEMPTS,
        )

    def _giving_up(self, task: ChapterTask) -> Callable[[ApplicationError], Awaitable[Transcribed]]:
        return giving_up(
            Transcribing.give_up,
            task,
            summary=f"Give the transcript of chapter {task.chapter} up",
            policy=policies.GIVE_TRANSCRIPT_UP,
        )
