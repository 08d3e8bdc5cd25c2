"""`ChapterTranscription`: has one chapter of an audiobook written down."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.transcribing import Transcribing
    from bookwright.contracts.ingestion import ChapterTask, Transcribed
    from workflows import policies
    from workflows.durable import to_an_outcome
    from workflows.steering import FINISH_UP, PAUSE, RESUME, Steering, stop_if_cancelled


@workflow.defn
class ChapterTranscription:
    """One for each chapter. A chapter that can't be written down is recorded so, and fails nothing else."""

    @workflow.init
    def __init__(self, task: ChapterTask) -> None:
        self._task = task
        self._steering = Steering(paused=task.paused)

    @workflow.run
    async def run(self, task: ChapterTask) -> Transcribed:
        while await self._steering.clear():
            transcribed = await self._attempt(task)
            if transcribed.deferred is None:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return transcribed
            await self._steering.stand_still(transcribed.deferred.hold)
        stop_if_cancelled()
        return Transcribed(chapter=task.chapter, failed=True)

    @workflow.signal(name=PAUSE)
    def pause(self, reason: str = "paused") -> None:
        """Begin nothing new until resumed."""
        self._steering.pause(reason)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on, also where a provider's reason held the work up."""
        self._steering.resume()

    @workflow.signal(name=FINISH_UP)
    def finish_up(self) -> None:
        """Leave the chapter as it is, unless it is just being written down."""
        self._steering.finish_up()

    async def _attempt(self, task: ChapterTask) -> Transcribed:
        attempts = policies.TRANSCRIPTION["retry_policy"].maximum_attempts

        async def give_up(error: ApplicationError) -> Transcribed:
            return await workflow.execute_activity_method(
                Transcribing.give_up,
                args=[task, error.type or "Error", error.message],
                summary=f"Give the transcript of chapter {task.chapter} up",
                **policies.GIVE_TRANSCRIPT_UP,
            )

        return await to_an_outcome(
            lambda: workflow.execute_activity_method(
                Transcribing.transcribe, task, summary=f"Transcribe chapter {task.chapter}", **policies.TRANSCRIPTION
            ),
            give_up,
            attempts,
        )
