"""Steps of audiobooks that outside workers claim, work on and report (section 5 of the contract)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.links import link
from api.deps import Backend, TheAdmin, TheBackend, counted
from api.jobs.outside import Reported
from api.routes.audiobooks import StepId
from api.schemas.outside import (
    ClaimedJob,
    CompletedReport,
    FailedReport,
    InputChapter,
    JobClaim,
    JobInput,
    JobReport,
    ReportTaken,
    TextInput,
)
from api.schemas.problems import Problem
from api.wire.answers import LOOK_AGAIN, RANGES, file_answer
from bookwright.contracts.access import Caller
from bookwright.contracts.errors import Conflict
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ingestion import Step, StepKind
from bookwright.contracts.media import Transcript
from bookwright.contracts.outside import ATTEMPTS, LEASE_S, OutsideStep
from bookwright.store.ingestion.audiobooks import AudiobookStore
from bookwright.store.ingestion.outside import Claim, OutsideStore
from bookwright.store.ingestion.store import IngestionStore
from bookwright.text.audiobooks.tags import TAGS
from bookwright.text.transcripts import pages_of

PREFIX = "/api/v1/admin/jobs"
ASK_AGAIN_S = 5
router = APIRouter(prefix=PREFIX, tags=["audiobooks"])


@router.post(
    "/claim",
    operation_id="claimJob",
    response_model=ClaimedJob,
    responses={
        204: {"description": "Nothing waits; ask again after as many seconds as Retry-After says."},
        409: {"model": Problem, "description": "Nothing waits, and no such step is left to outside workers."},
    },
)
async def claim(wanted: JobClaim, request: Request, backend: TheBackend, caller: TheAdmin) -> Response:
    """Take on a step that waits for an outside worker, the one that has waited longest. It is the claimer's for as long
    as `processing` is reported in time."""
    kind = StepKind(wanted.job_type)
    await backend.temporal.client()  # without it no lease could be kept
    claimed = await OutsideStore(backend.database).claim(caller.owner, kind)
    if claimed is None:
        if kind not in backend.outside:
            raise Conflict(
                f"no such step is left to outside workers: the operator names it in BOOKWRIGHT_OUTSIDE={kind}",
                field="job_type",
            )
        return Response(status_code=204, headers={"Retry-After": str(ASK_AGAIN_S)})
    await Reported(backend, caller.owner, claimed.step, claimed.token).alive(0.0)
    answer = await _answer(request, backend, caller, claimed)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.post(
    "/{step}/status",
    operation_id="reportJob",
    responses={
        404: {"model": Problem},
        409: {
            "model": Problem,
            "description": "The token is not, or no longer, good for the job. Nothing has happened.",
        },
    },
)
async def report(step: StepId, wanted: JobReport, backend: TheBackend, caller: TheAdmin) -> ReportTaken:
    """Say how a claimed step gets on. `processing` puts the end of the lease off; `completed` and `failed` use the
    token up. A result that can't be taken (422) leaves the step with its claimer."""
    found = await OutsideStore(backend.database).claimed(caller.owner, step, wanted.task_token)
    reported = Reported(backend, caller.owner, found, wanted.task_token)
    if isinstance(wanted, CompletedReport):
        await reported.completed(wanted.result)
        message = "the result is written down"
    elif isinstance(wanted, FailedReport):
        failures = await reported.failed(wanted.error_message)
        message = f"failure {failures} of {ATTEMPTS}: " + (
            "the step is offered anew" if failures < ATTEMPTS else "the step is given up until it is restarted"
        )
    else:
        await reported.alive(wanted.progress or 0.0)
        message = f"go on, and report again within {LEASE_S} seconds"
    return ReportTaken(job_id=step, status=wanted.status, message=message)


@router.get(
    "/{step}/recordings/{chapter}",
    operation_id="getJobRecording",
    response_class=Response,
    responses={200: {"description": "The recording.", "content": {"audio/*": {}}}, **RANGES, 404: {"model": Problem}},
)
async def recording(request: Request, step: StepId, chapter: str, backend: TheBackend, caller: TheAdmin) -> Response:
    """The recording that a chapter is part of, as it was handed in, whole or in ranges."""
    found = await _step(backend, caller.owner, step)
    number = counted(chapter, "chapter")
    heard = await IngestionStore(backend.database, backend.assets).chapter(caller.owner, found.book_id, number)
    asset = heard.recording.asset
    return file_answer(
        request,
        await asyncio.to_thread(backend.assets.path, asset),
        media_type=heard.recording.media_type,
        etag=f'"{asset}"',
        cache=LOOK_AGAIN,
    )


@router.get("/{step}/text", operation_id="getJobText", responses={404: {"model": Problem}})
async def text(
    step: StepId,
    backend: TheBackend,
    caller: TheAdmin,
    last: Annotated[int, Query(ge=1, le=1_000_000, description="The chapters up to this one.")] = 1_000_000,
) -> TextInput:
    """What is heard in an audiobook, as far as it is written down: what to summarize or tag."""
    found = await _step(backend, caller.owner, step)
    book = (await AudiobookStore(backend.database, backend.assets).steps(caller.owner, found.book_id))[0]
    chapters = []
    for chapter in await IngestionStore(backend.database, backend.assets).chapters_of(
        caller.owner, found.book_id, last
    ):
        if chapter.words and chapter.transcript:
            heard = Transcript.model_validate_json(await backend.assets.get(chapter.transcript))
            pages = [page.text for page in pages_of(heard, chapter.duration_ms)]
            chapters.append(InputChapter(number=chapter.chapter, title=chapter.title, text="\n\n".join(pages)))
    return TextInput(title=book.title, language=book.language or "und", chapters=tuple(chapters), tags=tuple(TAGS))


async def _step(backend: Backend, owner: OwnerId, step: str) -> Step:
    return await AudiobookStore(backend.database, backend.assets).step(owner, step)


async def _answer(request: Request, backend: Backend, caller: Caller, claimed: Claim) -> ClaimedJob:
    step, task = claimed.step, claimed.step.task
    return ClaimedJob(
        job_id=step.step_id,
        audiobook_id=step.book_id,
        job_type=task.kind.value,
        task_token=claimed.token,
        lease_seconds=LEASE_S,
        attempt=step.failures + 1,
        title=task.context.title,
        language=task.context.language,
        chapter=task.chapter or None,
        inputs=(await _input(request, backend, caller, step),),
    )


async def _input(request: Request, backend: Backend, caller: Caller, step: OutsideStep) -> JobInput:
    base = backend.public_url or str(request.base_url).rstrip("/")
    here, task = f"{PREFIX}/{step.step_id}", step.task
    if task.kind is not StepKind.TRANSCRIBE:
        path = f"{here}/text?last={task.last}"
        return JobInput(kind="text", url=base + link(caller, path), media_type="application/json")
    ingestions = IngestionStore(backend.database, backend.assets)
    chapter = await ingestions.chapter(caller.owner, step.book_id, task.chapter)
    return JobInput(
        kind="recording",
        url=base + link(caller, f"{here}/recordings/{task.chapter}"),
        media_type=chapter.recording.media_type,
        begin_seconds=chapter.begin_ms / 1000,
        duration_seconds=chapter.duration_ms / 1000,
    )
