"""Dead letters of all owners, and how queues and workers stand."""

from fastapi import APIRouter, Request, Response

from api.deps import TheAdmin, TheBackend
from api.jobs.operating import dead_letter, health_answer
from api.orders.ordering import later
from api.routes.audiobooks import StepId
from api.routes.jobs import statuses
from api.schemas.admin import DeadLetterList, HealthAnswer
from api.schemas.jobs import JobAccepted
from api.schemas.problems import Problem
from api.wire.cursors import Cursor, Limit, next_part, place
from api.wire.idempotency import IDEMPOTENT, TheOnce
from bookwright.store.ingestion.audiobooks import AudiobookStore
from bookwright.store.ingestion.deadletters import DeadLetters

router = APIRouter(prefix="/api/admin", tags=["admin"])


@router.get("/dead-letters", operation_id="listDeadLetters", responses={422: {"model": Problem}})
async def dead_letters(
    request: Request,
    response: Response,
    backend: TheBackend,
    _admin: TheAdmin,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeadLetterList:
    """The steps of audiobooks that were given up, of all users, newest first."""
    letters = DeadLetters(backend.database)
    found = await letters.newest(limit + 1, place(cursor))
    last = found[limit - 1] if len(found) > limit else None
    following = next_part(request, response, (last.failed_at, last.step_id)) if last else None
    return DeadLetterList(
        dead_letters=tuple(map(dead_letter, found[:limit])), total=await letters.count(), next_cursor=following
    )


@router.post(
    "/dead-letters/{step}/restart",
    operation_id="restartDeadLetter",
    status_code=202,
    response_model=JobAccepted,
    responses={404: {"model": Problem}, **IDEMPOTENT},
)
async def restart(request: Request, step: StepId, once: TheOnce, backend: TheBackend, _admin: TheAdmin) -> Response:
    """Take a step up again, whoever owns it: in a new job that does whatever else is missing of the audiobook, too."""

    async def work() -> Response:
        owner = await DeadLetters(backend.database).owner(step)
        book, job = await AudiobookStore(backend.database, backend.assets).restart(owner, step)
        statuses(request).changed(owner)
        body = JobAccepted(jobId=job, storyId=book, status="pending")
        return later(body.model_dump_json(), f"/api/admin/jobs/{job}")

    return await once(work)


@router.get("/health", operation_id="getHealth")
async def health(backend: TheBackend, _admin: TheAdmin) -> HealthAnswer:
    """What waits in each task queue and for how long, which workers were seen there, and calls without an outcome."""
    return health_answer(await backend.operations.standing())
