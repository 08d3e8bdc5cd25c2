"""Soundscapes for a book that is there (section 1): ordered and waited for, or asked about later."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel

from api.deps import Backend, BookName, TheAdmin, TheBackend, TheCaller, TheJob, acting_for
from api.jobs.soundscapes import report_body, stats_of
from api.jobs.views import percent, status_name
from api.orders.ordering import LATER_S, steering
from api.routes.jobs import statuses
from api.schemas.keys import UserId
from api.schemas.problems import Problem
from api.schemas.soundscapes import (
    ProcessingErrorList,
    ProcessingErrorRecord,
    SoundscapeOrder,
    SoundscapesAnswer,
    SoundscapesFailed,
    SoundscapesUnderWay,
)
from api.wire.idempotency import IDEMPOTENT, TheOnce
from bookwright.contracts.errors import NotFound, ServiceUnavailable
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from bookwright.intake import check_tracks
from bookwright.soundscapes import SoundscapeOrders
from bookwright.store import JobRow
from bookwright.store.scenes.store import SceneStore

router = APIRouter(prefix="/api", tags=["soundscapes"])
LOOK_S, LONGEST_LOOK_S = 0.1, 1.0
ASYNC = "respond-async"
UNDER_WAY: dict[str, Any] = {
    "model": SoundscapesUnderWay,
    "description": "The job goes on, or stands still until somebody acts. `Location` says where to ask for it.",
}
MADE: dict[int | str, dict[str, Any]] = {
    200: {"description": "All spreads were processed, or some, or the job was cancelled."},
    202: UNDER_WAY,
    404: {"model": Problem},
    500: {"model": SoundscapesFailed, "description": "No spread could be processed."},
}


@router.post(
    "/generate-soundscapes",
    operation_id="generateSoundscapes",
    response_model=SoundscapesAnswer,
    responses=IDEMPOTENT | MADE,
)
async def generate(
    request: Request,
    order: SoundscapeOrder,
    once: TheOnce,
    backend: TheBackend,
    caller: TheCaller,
    prefer: Annotated[
        str, Header(max_length=200, description=f"`{ASYNC}` answers 202 at once.", examples=[ASYNC])
    ] = "",
) -> Response:
    """Make the soundscapes that a book lacks, and answer when that is done. All else the book has is kept. A book that
    a job works on already is answered for by that job. Whoever hangs up loses nothing: the job goes on, and asking
    again finds it."""

    async def work() -> Response:
        check_tracks((Track.SOUNDSCAPE,), backend.lacking)
        orders, name = soundscape_orders(backend), str(order.bookId)
        job = await orders.order(caller.owner, name)
        statuses(request).changed(caller.owner)
        if ASYNC in {part.strip().lower() for part in prefer.split(",")}:
            return _answer(_under_way(job), 202, job)
        while True:
            ended = await _ended(request, backend, job)
            if not ended.state.closed:
                return _answer(_under_way(ended), 202, ended)
            if Track.SOUNDSCAPE in ended.order.tracks:
                return await _report(orders, ended)
            job = await orders.order(caller.owner, ended.book_id)  # that one was about something else

    return await once(work)


@router.get(
    "/generate-soundscapes/{job}",
    operation_id="getSoundscapes",
    response_model=SoundscapesAnswer,
    responses={404: {"model": Problem}},
)
async def look(request: Request, job: TheJob, backend: TheBackend, caller: TheCaller) -> Response:
    """What became of a job's soundscapes, once it has ended; how far it is, before."""
    if Track.SOUNDSCAPE not in job.order.tracks:
        raise NotFound("there is no such job")
    report = await soundscape_orders(backend).report(job)
    if job.state.closed:
        return _answer(report_body(report), 200)
    found = await statuses(request).of(caller.owner, job.job_id)
    body = _under_way(job).model_copy(
        update={"progress": percent(found.progress, found.live), "stats": stats_of(report)}
    )
    return _answer(body, 200, job)


@router.get(
    "/admin/books/{book}/processing-errors",
    operation_id="listProcessingErrors",
    tags=["admin"],
    responses={403: {"model": Problem, "description": "This needs an admin key."}, 404: {"model": Problem}},
)
async def processing_errors(
    book: BookName, backend: TheBackend, admin: TheAdmin, user: Annotated[UserId | None, Query()] = None
) -> ProcessingErrorList:
    """Each spread of a book that a job could not process, with where it failed; of another user's book with `user`."""
    owner = acting_for(admin, user)
    found = await backend.shelf.book(owner, book)
    errors = await SceneStore(backend.database, backend.assets).errors(owner, found.book_id)
    return ProcessingErrorList(
        errors=tuple(
            ProcessingErrorRecord(
                timestamp=error.at,
                spreadIndex=error.spread,
                pageNumbers=error.pages,
                errorType=error.kind,
                errorMessage=error.message,
                stackTrace=error.trace,
                attempt=error.attempt,
            )
            for error in errors
        )
    )


def soundscape_orders(backend: Backend) -> SoundscapeOrders:
    """The way to order soundscapes."""
    scenes = SceneStore(backend.database, backend.assets)
    return SoundscapeOrders(backend.shelf, backend.books, backend.jobs, scenes, steering(backend))


async def _ended(request: Request, backend: Backend, job: JobRow) -> JobRow:
    """The job once it has ended or stands still until somebody acts, or nobody waits for the answer any more."""
    pause = LOOK_S
    while not (job.state.closed or job.state is JobState.PAUSED or await request.is_disconnected()):
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_LOOK_S)
        with suppress(ServiceUnavailable):  # the job goes on when the database is back
            job = await backend.jobs.job(job.owner_id, job.job_id)
    return job


async def _report(orders: SoundscapeOrders, job: JobRow) -> Response:
    body = report_body(await orders.report(job))
    failed = isinstance(body, SoundscapesFailed) and body.status == "failed"
    return _answer(body, 500 if failed else 200)


def _under_way(job: JobRow) -> SoundscapesUnderWay:
    return SoundscapesUnderWay(
        bookId=job.book_id, jobId=job.job_id, jobStatus=status_name(job.state), pausedReason=job.paused_reason
    )


def _answer(body: BaseModel, status: int, job: JobRow | None = None) -> Response:
    headers = {}
    if job is not None:
        headers = {"Location": f"/api/generate-soundscapes/{job.job_id}", "Retry-After": str(LATER_S)}
    return Response(body.model_dump_json(exclude_none=True), status, headers, media_type="application/json")
