"""What becomes of a report by an outside worker: its result is written down, and the activity that waits is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from temporalio.client import AsyncActivityCancelledError, AsyncActivityHandle
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.deps import Backend
from api.schemas.outside import SummaryResult, TagsResult, TranscriptResult
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import BadInput, Conflict, ServiceUnavailable
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ingestion import AiOutput, ChapterHeard, OutputKind, StepKind, StepOutcome, Transcribed
from bookwright.contracts.media import Transcript
from bookwright.contracts.outside import ATTEMPTS, OutsideStep
from bookwright.store.ingestion.outside import OutsideStore
from bookwright.store.ingestion.store import IngestionStore
from bookwright.text.transcripts import confidence_of

T = TypeVar("T", bound=BaseModel)
MADE_BY = "outside"
LATE_MS = 10_000
"""A word that is heard so long after the end was not heard."""
_RESULTS: dict[StepKind, type[TranscriptResult] | type[SummaryResult] | type[TagsResult]] = {
    StepKind.TRANSCRIBE: TranscriptResult,
    StepKind.SUMMARIZE: SummaryResult,
    StepKind.TAG: TagsResult,
}


class Reported:
    """A claimed step, for as long as one report on it is taken. Raises ServiceUnavailable when Temporal is away: then
    nothing has happened, and the report can be made again."""

    def __init__(self, backend: Backend, owner: OwnerId, step: OutsideStep, token: str) -> None:
        self._backend = backend
        self._owner = owner
        self._step = step
        self._token = token
        self._offers = OutsideStore(backend.database)
        self._ingestions = IngestionStore(backend.database, backend.assets)

    async def alive(self, progress: float) -> None:
        """Put the end of the lease off. Raises Conflict when the step is not waited for any more."""
        handle = await self._handle()
        try:
            async with _temporal():
                await handle.heartbeat(progress)
        except AsyncActivityCancelledError:
            raise Conflict("the step was cancelled", field="task_token") from None
        except _Gone:
            raise Conflict("the lease has run out: claim another step", field="task_token") from None
        await self._offers.got_on(self._owner, self._step.step_id, self._token, progress)

    async def completed(self, result: dict[str, Any]) -> None:
        """Write the result down, and have the job go on. A result that can't be taken leaves the step as it was:
        raises RequestValidationError or BadInput."""
        task = self._step.task
        found = _read(_RESULTS[task.kind], result)
        handle = await self._handle()
        answer: Transcribed | StepOutcome
        if isinstance(found, TranscriptResult):
            heard = await self._heard(found)
            await self._used_up(failed=False)
            await self._ingestions.heard(task.context, task.chapter, heard)
            answer = Transcribed(chapter=task.chapter, words=heard.words)
        else:
            outputs = await self._outputs(found)
            await self._used_up(failed=False)
            for output in outputs:
                await self._ingestions.save_output(task.context, output)
            answer = StepOutcome(done=1)
        try:
            async with _temporal():
                await handle.complete(answer)
        except (_Gone, AsyncActivityCancelledError, ServiceUnavailable):
            pass  # the next attempt finds the result in the store

    async def failed(self, message: str) -> int:
        """Count a failure; answers how many there have been in this job."""
        handle = await self._handle()
        failures = (await self._used_up(failed=True)).failures
        last = failures >= ATTEMPTS
        try:
            async with _temporal():
                await handle.fail(ApplicationError(message, failures, type="OutsideFailed", non_retryable=last))
        except (_Gone, AsyncActivityCancelledError, ServiceUnavailable):
            pass  # the lease runs out, and the step is offered anew
        return failures

    async def _handle(self) -> AsyncActivityHandle:
        client = await self._backend.temporal.client()
        return client.get_async_activity_handle(task_token=self._step.temporal_token)

    async def _used_up(self, *, failed: bool) -> OutsideStep:
        return await self._offers.reported(self._owner, self._step.step_id, self._token, failed=failed)

    async def _heard(self, found: TranscriptResult) -> ChapterHeard:
        task = self._step.task
        chapter = await self._ingestions.chapter(self._owner, task.context.book_id, task.chapter)
        if found.words and found.words[-1].start_ms > chapter.duration_ms + LATE_MS:
            raise BadInput("there are words after the chapter's end: times are from its beginning", field="result")
        transcript = Transcript(language=found.language, words=found.words, paragraphs=found.paragraphs)
        data = transcript.model_dump_json().encode()
        return ChapterHeard(
            state=TrackState.COMPLETED,
            transcript=await self._backend.assets.put(data, "application/json"),
            language=found.language,
            words=len(found.words),
            confidence=confidence_of(transcript),
            made_by=MADE_BY,
        )

    async def _outputs(self, found: SummaryResult | TagsResult) -> list[AiOutput]:
        task = self._step.task
        if isinstance(found, TagsResult):
            tags, free = (tuple(dict.fromkeys(some)) for some in (found.tags, found.free_tags))
            if not tags and not free:
                raise BadInput("there is no tag", field="result")
            return [
                AiOutput(kind=OutputKind.TAGS, basis=task.basis, tags=tags, free_tags=free, made_by=MADE_BY),
            ]
        known = await self._ingestions.chapters_of(self._owner, task.context.book_id, task.last)
        numbers = {chapter.chapter for chapter in known}
        if unknown := [each.number for each in found.chapters if each.number not in numbers]:
            raise BadInput(f"chapter {unknown[0]} is not in the input", field="result")
        of_chapters = [
            AiOutput(kind=OutputKind.CHAPTER_SUMMARY, chapter=each.number, basis=1, text=each.summary, made_by=MADE_BY)
            for each in found.chapters
        ]
        # The book's own comes last: with it the step is done.
        return [
            *of_chapters,
            AiOutput(kind=OutputKind.SUMMARY, basis=task.basis, text=found.summary, made_by=MADE_BY),
        ]


class _Gone(Exception):
    """Nobody waits for the step any more."""


@asynccontextmanager
async def _temporal() -> AsyncIterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise _Gone from None
        raise ServiceUnavailable("Temporal can't be reached; try again in a moment") from None


def _read(model: type[T], result: dict[str, Any]) -> T:
    try:
        return model.model_validate(result)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        raise RequestValidationError([{**each, "loc": ("body", "result", *each["loc"])} for each in found]) from None
