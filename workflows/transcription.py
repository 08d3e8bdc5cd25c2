"""`ChapterTranscription`: has one chapter of an audiobook written down."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.outside import Outside
    from activities.transcribing import Transcribing
    from bookwright.contracts.ingestion import ChapterTask, Transcribed
    from bookwright.contracts.outside import ATTEMPTS
    from workflows import policies
    from workflows.durable import to_an_outcome
    from workflows.steering import SteeredChild, stop_if_cancelled


@workflow.defn
class ChapterTranscription(SteeredChild):
    """One for each chapter. A chapter that can't be written down is recorded so, and fails nothing else."""

    @workflow.init
    def __init__(self, task: ChapterTask) -> None:
        super().__init__(paused=task.paused)
        self._task = task

    @workflow.run
    async def run(self, task: ChapterTask) -> Transcribed:
        while await self._steering.clear():
            transcribed = await self._attempt(task)
            if transcribed.outside:
                left = await self._steering.unless_finishing(self._outside(task))
                if left is None:
                    continue
                transcribed = left
            if transcribed.deferred is None:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return transcribed
            await self._steering.stand_still(transcribed.deferred.hold)
        stop_if_cancelled()
        return Transcribed(chapter=task.chapter, failed=True)

    async def _attempt(self, task: ChapterTask) -> Transcribed:
        return await to_an_outcome(
            lambda: workflow.execute_activity_method(
                Transcribing.transcribe, task, summary=f"Transcribe chapter {task.chapter}", **policies.TRANSCRIPTION
            ),
            self._give_up,
            policies.TRANSCRIPTION["retry_policy"].maximum_attempts,
        )

    async def _outside(self, task: ChapterTask) -> Transcribed:
        """Wait until an outside worker has written the chapter down, or it has failed ATTEMPTS times."""
        return await to_an_outcome(
            lambda: workflow.execute_activity_method(
                Outside.transcribe, task, summary=f"Wait for chapter {task.chapter}", **policies.OUTSIDE
            ),
            self._give_up,
            ATTEMPTS,
        )

    async def _give_up(self, error: ApplicationError) -> Transcribed:
        return await workflow.execute_activity_method(
            Transcribing.give_up,
            args=[self._task, error.type or "Error", error.message],
            summary=f"Give the transcript of chapter {self._task.chapter} up",
            **policies.GIVE_TRANSCRIPT_UP,
        )
