"""What people do to a job: cancel, pause, resume, retry, approve, raise the budget."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from api.deps import Backend, TheActor, TheBackend, TheCaller, TheJob
from api.jobs.views import job_edition, status_name
from api.orders.ordering import LATER_S, accepted, steering
from api.routes.jobs import statuses
from api.schemas.jobs import Approval, BudgetOrder, JobAccepted, Steered
from api.schemas.problems import Problem
from api.wire.answers import check_match
from api.wire.idempotency import IDEMPOTENT, TheOnce
from bookwright.reviewing import Edits, Reviewing
from bookwright.store import JobRow
from bookwright.store.stories.store import WritingStore

router = APIRouter(prefix="/api/jobs/{job}", tags=["jobs"])
RESPONSES: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem},
    412: {"model": Problem, "description": "If-Match names an older state of the job."},
    503: {"model": Problem, "description": "Temporal is away, or has not begun the job yet."},
    **IDEMPOTENT,
}
LATER: dict[int | str, dict[str, Any]] = {
    202: {"model": Steered, "description": "No worker answers. It is kept, and done once when one does."},
}


@router.post("/cancel", operation_id="cancelJob", response_model=Steered, responses=RESPONSES)
async def cancel(request: Request, job: TheJob, once: TheOnce, backend: TheBackend) -> Response:
    """Stop the job. What was made is kept; `retry` goes on with it. A running job has ended about a second later."""
    return await once(lambda: _steer(request, backend, job, steering(backend).cancel))


@router.post("/pause", operation_id="pauseJob", response_model=Steered, responses=RESPONSES)
async def pause(request: Request, job: TheJob, once: TheOnce, backend: TheBackend) -> Response:
    """Begin nothing new until the job is resumed. What is under way is finished."""
    return await once(lambda: _steer(request, backend, job, steering(backend).pause))


@router.post("/resume", operation_id="resumeJob", response_model=Steered, responses=RESPONSES)
async def resume(request: Request, job: TheJob, once: TheOnce, backend: TheBackend) -> Response:
    """Go on after a pause, or after what held the job up was put right."""
    return await once(lambda: _steer(request, backend, job, steering(backend).resume))


@router.post("/retry", operation_id="retryJob", status_code=202, response_model=JobAccepted, responses=RESPONSES)
async def retry(request: Request, job: TheJob, once: TheOnce, backend: TheBackend) -> Response:
    """Make what is missing of a job that has ended: in a new job, whose id is in the answer."""

    async def work() -> Response:
        check_match(request, job_edition(job))
        return await accepted(backend, await steering(backend).retry(job))

    return await once(work)


@router.post("/approve", operation_id="approveJob", response_model=Steered, responses=RESPONSES | LATER)
async def approve(
    request: Request, job: TheJob, once: TheOnce, backend: TheBackend, caller: TheCaller, order: Approval | None = None
) -> Response:
    """Go on with a job that was ordered with `review` and waits since its text, or its character sheet, was there.
    Title, pages (`edits`) and characters (`sheet`) are changed first: all of it or, when one can't be, none."""

    async def work() -> Response:
        check_match(request, job_edition(job))
        desk = steering(backend)
        desk.check_approval(job)
        if order and (edits := _edits(order)):
            reviewing = Reviewing(backend.versions, WritingStore(backend.database, backend.assets), backend.assets)
            await reviewing.apply(caller.owner, job.book_id, edits, job.order.language or "und")
        return await _taken(request, backend, job, await desk.approve(job))

    return await once(work)


@router.post("/budget", operation_id="setJobBudget", response_model=Steered, responses=RESPONSES | LATER)
async def budget(
    request: Request, job: TheJob, order: BudgetOrder, once: TheOnce, backend: TheBackend, actor: TheActor
) -> Response:
    """Set the most that the job may cost. If that was what held it up, it goes on."""

    async def work() -> Response:
        check_match(request, job_edition(job))
        return await _taken(request, backend, job, await steering(backend).raise_budget(job, order.cap, actor))

    return await once(work)


def _edits(order: Approval) -> Edits:
    return Edits(
        title=order.title,
        texts={edit.page: edit.text for edit in order.edits},
        sheet={one.name: one.model_dump(mode="json", exclude={"name"}, exclude_none=True) for one in order.sheet},
    )


async def _steer(request: Request, backend: Backend, job: JobRow, act: Callable[[JobRow], Awaitable[None]]) -> Response:
    check_match(request, job_edition(job))
    await act(job)
    return await _taken(request, backend, job, True)


async def _taken(request: Request, backend: Backend, job: JobRow, done: bool) -> Response:
    statuses(request).changed(job.owner_id)
    now = await backend.jobs.job(job.owner_id, job.job_id)
    headers = {} if done else {"Location": f"/api/jobs/{job.job_id}/status", "Retry-After": str(LATER_S)}
    body = Steered(jobId=job.job_id, status=status_name(now.state))
    return Response(body.model_dump_json(), 200 if done else 202, headers, media_type="application/json")
