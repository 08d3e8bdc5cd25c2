"""One job of anybody's, as operators look into it and steer it; and what happened over time."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException

from api.deps import Backend, JobName, TheAdmin, TheBackend
from api.jobs.operating import admin_call, admin_job, admin_page, history_of
from api.jobs.views import job_edition, status_name
from api.orders.ordering import accepted, steering
from api.routes.jobs import statuses
from api.routes.jobsteering import RESPONSES
from api.schemas.admin import (
    AdminCallList,
    AdminJob,
    AdminPageList,
    HistorySpan,
    HistoryStepName,
    JobHistory,
)
from api.schemas.jobs import JobAccepted, Steered
from api.schemas.problems import Problem
from api.wire.answers import check_match
from api.wire.cursors import Cursor, Limit, next_part, number, place
from api.wire.idempotency import TheOnce
from bookwright.contracts.errors import BadInput
from bookwright.store import JobRow
from bookwright.store.bulk.store import BulkVerb
from bookwright.store.jobs.inspection import Inspections, Part

router = APIRouter(prefix="/api/admin/jobs", tags=["admin"])
_UNKNOWN: dict[int | str, dict[str, object]] = {404: {"model": Problem}, 422: {"model": Problem}}


async def any_job(name: JobName, backend: TheBackend, _admin: TheAdmin) -> JobRow:
    """A job that a path names, whoever owns it."""
    if name in set(BulkVerb):
        raise HTTPException(405, headers={"Allow": "POST"})  # that is done to many jobs
    return await Inspections(backend.database).job(name)


AnyJob = Annotated[JobRow, Depends(any_job)]


@router.get("/history", operation_id="getJobHistory", responses={422: {"model": Problem}})
async def history(
    backend: TheBackend,
    _admin: TheAdmin,
    span: HistorySpan = "day",
    step: Annotated[
        HistoryStepName | None, Query(description="How long a bucket is: `1h` of a day and `6h` of a week by default.")
    ] = None,
) -> JobHistory:
    """How many jobs ended, how long they took and what calls cost, over the last day or week in UTC. It is counted
    once for everybody who asks within some seconds, of a week within a minute."""
    return await history_of(backend, span, step)


@router.get("/{job}", operation_id="inspectJob", response_model=AdminJob, responses=_UNKNOWN)
async def inspected(request: Request, job: AnyJob, backend: TheBackend) -> AdminJob:
    """A job with its stages, chapters and calls, and what went wrong, grouped by cause."""
    looks = Inspections(backend.database)
    standing = await statuses(request).of(job.owner_id, job.job_id)
    return admin_job(standing, await looks.causes(job), await looks.call_sums(job), backend.temporal_ui())


@router.get("/{job}/pages", operation_id="inspectJobPages", responses=_UNKNOWN)
async def pages(
    request: Request,
    response: Response,
    job: AnyJob,
    backend: TheBackend,
    failed: Annotated[bool, Query(description="Only those of which a track has failed.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AdminPageList:
    """The pages of a job's book in their order: how each track stands, and what the job's calls for it cost."""
    found = await Inspections(backend.database).pages(job, number(cursor) or 0, limit + 1, failed=failed)
    shown = tuple(map(admin_page, found[:limit]))
    following = next_part(request, response, (job.created_at, str(shown[-1].page))) if len(found) > limit else None
    return AdminPageList(pages=shown, next_cursor=following)


@router.get("/{job}/calls", operation_id="inspectJobCalls", responses=_UNKNOWN)
async def calls(
    request: Request,
    response: Response,
    job: AnyJob,
    backend: TheBackend,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AdminCallList:
    """A job's attempts at provider calls, those of the newest call first."""
    found = await Inspections(backend.database).calls(job, part_after(cursor), limit + 1)
    shown = tuple(map(admin_call, found[:limit]))
    last: tuple[datetime, str] | None = None
    if len(found) > limit:
        last = (found[limit - 1].reserved_at, f"{found[limit - 1].call_id}.{found[limit - 1].attempt}")
    return AdminCallList(calls=shown, next_cursor=next_part(request, response, last) if last else None)


def part_after(cursor: str | None) -> Part | None:
    """Where a list of calls goes on. Raises BadInput."""
    found = place(cursor)
    if found is None:
        return None
    call, _, attempt = found[1].partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 16 for part in (call, attempt)):
        raise BadInput("the cursor is none of those that were handed out", field="cursor")
    return Part(int(call), int(attempt))


@router.post("/{job}/cancel", operation_id="cancelAnyJob", response_model=Steered, responses=RESPONSES)
async def cancel(request: Request, job: AnyJob, once: TheOnce, backend: TheBackend) -> Response:
    """Stop somebody's job, as its owner can."""
    return await once(lambda: steered(request, backend, job, steering(backend).cancel))


@router.post("/{job}/pause", operation_id="pauseAnyJob", response_model=Steered, responses=RESPONSES)
async def pause(request: Request, job: AnyJob, once: TheOnce, backend: TheBackend) -> Response:
    """Have somebody's job begin nothing new until it is resumed."""
    return await once(lambda: steered(request, backend, job, steering(backend).pause))


@router.post("/{job}/resume", operation_id="resumeAnyJob", response_model=Steered, responses=RESPONSES)
async def resume(request: Request, job: AnyJob, once: TheOnce, backend: TheBackend) -> Response:
    """Have somebody's job go on after a pause, or after what held it up was put right."""
    return await once(lambda: steered(request, backend, job, steering(backend).resume))


@router.post(
    "/{job}/retry", operation_id="retryAnyJob", status_code=202, response_model=JobAccepted, responses=RESPONSES
)
async def retry(request: Request, job: AnyJob, once: TheOnce, backend: TheBackend) -> Response:
    """Make what is missing of somebody's job that has ended: in a new job of theirs, whose id is in the answer."""

    async def work() -> Response:
        check_match(request, job_edition(job))
        ordered = await steering(backend).retry(job)
        statuses(request).changed(job.owner_id)
        answer = await accepted(backend, ordered)
        answer.headers["Location"] = f"/api/admin/jobs/{ordered.job_id}"
        return answer

    return await once(work)


async def steered(
    request: Request, backend: Backend, job: JobRow, act: Callable[[JobRow], Awaitable[None]]
) -> Response:
    """The job after something was done to it."""
    check_match(request, job_edition(job))
    await act(job)
    statuses(request).changed(job.owner_id)
    now = await backend.jobs.job(job.owner_id, job.job_id)
    body = Steered(jobId=job.job_id, status=status_name(now.state))
    return Response(body.model_dump_json(), media_type="application/json")
