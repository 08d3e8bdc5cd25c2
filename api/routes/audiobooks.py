"""Audiobooks from recordings, and the steps that make them (section 5 of the contract)."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.deps import Backend, BookName, TheActor, TheAdmin, TheBackend
from api.jobs.states import book_state
from api.orders.ordering import LATER_S
from api.routes.shelf import remove_book
from api.schemas.ingestion import (
    AudiobookAnswer,
    AudiobookChange,
    AudiobookCreated,
    ChapterAnswer,
    NewAudiobook,
    StepAnswer,
    StepList,
    StepStatusName,
)
from api.schemas.problems import Problem
from api.wire.idempotency import IDEMPOTENT, TheOnce
from api.wire.names import named
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import new_book_id
from bookwright.contracts.ingestion import Step
from bookwright.contracts.orders import BookOrder, Recordings, Track
from bookwright.contracts.progress import JobState
from bookwright.store.books.standing import BookFacts
from bookwright.store.ingestion.audiobooks import Audiobook, AudiobookStore
from bookwright.text.language import normalise_language

PREFIX = "/api/v1/admin/audiobooks"
router = APIRouter(prefix="/api/v1/admin", tags=["audiobooks"])
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}
_STATES: dict[TrackState, StepStatusName] = {
    TrackState.PENDING: "pending",
    TrackState.PROCESSING: "processing",
    TrackState.COMPLETED: "completed",
    TrackState.FAILED: "failed",
    TrackState.SKIPPED: "completed",
}


StepId = Annotated[str, named("step", "there is no such job")]


@router.post(
    "/audiobooks",
    operation_id="createAudiobook",
    status_code=201,
    response_model=AudiobookCreated,
    responses={**_UNKNOWN, **IDEMPOTENT},
)
async def create(wanted: NewAudiobook, once: TheOnce, backend: TheBackend, caller: TheAdmin) -> Response:
    """Make an audiobook of a completed upload. Its recordings are written down, summarized, tagged and made ready to be
    searched, each in a step of its own."""

    async def work() -> Response:
        if not backend.transcribes:
            raise BadInput(
                "nobody is set who writes recordings down: the operator names providers in BOOKWRIGHT_TRANSCRIPTION",
                field="upload_id",
            )
        order = BookOrder(
            book_id=new_book_id(),
            owner_id=caller.owner,
            source=Recordings(upload=wanted.upload_id),
            title=wanted.title,
            author=wanted.author,
            language=normalise_language(wanted.language),
            tracks=(Track.NARRATION,),
            editions=(),
        )
        await _store(backend).create(order, description=wanted.description, is_public=wanted.is_public)
        _, steps = await _store(backend).steps(caller.owner, order.book_id)
        body = AudiobookCreated(
            audiobook_id=order.book_id,
            status="processing",
            message="Audio book created successfully",
            jobs_created=len(steps),
            total_jobs=len(steps),
        )
        return _json(body, 201, {"Location": f"{PREFIX}/{order.book_id}", "Retry-After": str(LATER_S)})

    return await once(work)


@router.get("/audiobooks/{book}", operation_id="getAudiobook", responses=_UNKNOWN)
async def details(book: BookName, backend: TheBackend, caller: TheAdmin) -> AudiobookAnswer:
    """An audiobook, with its chapters, summary and tags as far as they are there."""
    return _answer(await _store(backend).audiobook(caller.owner, book))


@router.put("/audiobooks/{book}", operation_id="changeAudiobook", responses=_UNKNOWN)
async def change(book: BookName, wanted: AudiobookChange, backend: TheBackend, caller: TheAdmin) -> AudiobookAnswer:
    """Change what is said of an audiobook; what is left out stays as it is."""
    await _store(backend).change(
        caller.owner,
        book,
        title=wanted.title,
        author=wanted.author,
        description=wanted.description,
        is_public=wanted.is_public,
    )
    return _answer(await _store(backend).audiobook(caller.owner, book))


@router.delete(
    "/audiobooks/{book}",
    operation_id="deleteAudiobook",
    status_code=204,
    responses={**_UNKNOWN, 202: {"description": "Its jobs are being cancelled; ask again."}},
)
async def remove(book: BookName, backend: TheBackend, caller: TheAdmin, actor: TheActor) -> Response:
    """Cancel what runs for an audiobook, and drop it with its recordings, transcripts and vectors."""
    facts, _ = await _store(backend).steps(caller.owner, book)
    if await remove_book(backend, caller.owner, facts.book_id, actor):
        return Response(status_code=204)
    return Response(status_code=202, headers={"Location": f"{PREFIX}/{facts.book_id}", "Retry-After": str(LATER_S)})


@router.get("/audiobooks/{book}/jobs", operation_id="listAudiobookJobs", responses=_UNKNOWN)
async def steps(book: BookName, backend: TheBackend, caller: TheAdmin) -> StepList:
    """How an audiobook's steps stand."""
    return _steps(*await _store(backend).steps(caller.owner, book))


@router.post(
    "/jobs/{step}/restart",
    operation_id="restartAudiobookJob",
    status_code=202,
    response_model=StepList,
    responses={**_UNKNOWN, **IDEMPOTENT},
)
async def restart(step: StepId, once: TheOnce, backend: TheBackend, caller: TheAdmin) -> Response:
    """Take a step up again that has used up its attempts. Whatever else is missing of the audiobook is done, too; what
    is there is kept, and no transcript is bought again."""

    async def work() -> Response:
        book, _ = await _store(backend).restart(caller.owner, step)
        headers = {"Location": f"{PREFIX}/{book}/jobs", "Retry-After": str(LATER_S)}
        return _json(_steps(*await _store(backend).steps(caller.owner, book)), 202, headers)

    return await once(work)


def _store(backend: Backend) -> AudiobookStore:
    return AudiobookStore(backend.database, backend.assets)


def _steps(facts: BookFacts, found: list[Step]) -> StepList:
    answers = tuple(_step(facts, step) for step in found)
    states = [answer.status for answer in answers]
    overall: StepStatusName = "processing"
    if all(state == "completed" for state in states):
        overall = "completed"
    elif facts.state.closed:
        overall = "failed"
    elif all(state == "pending" for state in states):
        overall = "pending"
    return StepList(
        audiobook_id=facts.book_id,
        jobs=answers,
        overall_status=overall,
        progress=round(sum(step.progress for step in found) / max(len(found), 1), 4),
        total_jobs=len(answers),
        completed_jobs=states.count("completed"),
        failed_jobs=states.count("failed"),
    )


def _step(facts: BookFacts, step: Step) -> StepAnswer:
    """A step that is not completed when its job has ended will not be, unless it is restarted."""
    given_up = facts.state.closed and step.state in (TrackState.PENDING, TrackState.PROCESSING)
    reason = "the job was cancelled" if facts.state is JobState.CANCELLED else facts.reason or "the job has ended"
    return StepAnswer(
        id=step.step_id,
        audiobook_id=facts.book_id,
        job_type=step.kind.value,
        status="failed" if given_up else _STATES[step.state],
        started_at=step.started_at,
        completed_at=step.completed_at,
        error_message=reason if given_up else step.error,
    )


def _answer(found: Audiobook) -> AudiobookAnswer:
    facts, summaries = found.facts, found.chapter_summaries
    return AudiobookAnswer(
        audiobook_id=facts.book_id,
        number=facts.number,
        title=facts.title,
        author=facts.author,
        description=found.description,
        language=facts.language,
        is_public=found.is_public,
        status=book_state(facts.state),
        warning=facts.warning,
        error_message=facts.reason,
        summary=found.summary.text if found.summary else None,
        tags=found.tags.tags if found.tags else (),
        free_tags=found.tags.free_tags if found.tags else (),
        total_pages=facts.pages,
        chapters=tuple(
            ChapterAnswer(
                number=chapter.chapter,
                title=chapter.title,
                status=_STATES[chapter.state],
                begin_seconds=chapter.begin_ms / 1000,
                duration_seconds=chapter.duration_ms / 1000,
                language=chapter.language,
                words=chapter.words,
                confidence=chapter.confidence,
                summary=summaries[chapter.chapter].text if chapter.chapter in summaries else None,
                error_message=chapter.error,
            )
            for chapter in found.chapters
        ),
        created_at=facts.created_at,
        updated_at=found.updated_at,
    )


def _json(body: BaseModel, status: int, headers: dict[str, str]) -> Response:
    return Response(body.model_dump_json(), status, headers, media_type="application/json")
