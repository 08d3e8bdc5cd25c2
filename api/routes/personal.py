"""Personalised books: ordered with a brief, and how each of them stands. To be routed before the shelf, whose paths
take any name."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from api.deps import BookName, TheBackend, TheCaller
from api.jobs.personal import book_progress
from api.orders.stories import take_brief
from api.routes.jobs import statuses
from api.schemas.problems import Problem
from api.schemas.stories import BookBrief, BookHistory, BookOrdered, BookProgress
from api.wire.answers import UNCHANGED, json_answer
from api.wire.cursors import Cursor, Limit, next_part, number
from api.wire.idempotency import IDEMPOTENT, TheOnce
from bookwright.store.jobs.filters import JobFilter

router = APIRouter(prefix="/api/books", tags=["books"])
_OF_OTHERS: dict[int | str, dict[str, Any]] = {
    403: {"model": Problem, "description": "Only an admin may name another user."}
}


@router.post(
    "/generate",
    operation_id="generateBook",
    status_code=202,
    response_model=BookOrdered,
    responses={**IDEMPOTENT, **_OF_OTHERS},
)
async def generate(
    request: Request, brief: Annotated[BookBrief, Body()], once: TheOnce, backend: TheBackend, caller: TheCaller
) -> Response:
    """Order a personalised book: it is written, illustrated and, as a story adventure, narrated. Where it can be asked
    for is in `Location`."""

    async def work() -> Response:
        answer = await take_brief(backend, caller, brief)
        statuses(request).changed(caller.owner)
        return answer

    return await once(work)


@router.get("/jobs", operation_id="listBookJobs", responses={422: {"model": Problem}})
async def history(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: TheCaller,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BookHistory:
    """The caller's jobs as books' stages, newest first."""
    page = await backend.lists.of_owner(caller.owner, JobFilter(), number(cursor), limit)
    first = await backend.jobs.first_orders(caller.owner, {each.job.book_id for each in page.jobs})
    last = page.jobs[-1].job if page.cursor is not None else None
    following = next_part(request, response, (last.created_at, str(last.number))) if last else None
    shown = tuple(book_progress(each, first[each.job.book_id]) for each in page.jobs)
    return BookHistory(jobs=shown, next_cursor=following)


@router.get(
    "/{book}/status",
    operation_id="getBookProgress",
    response_model=BookProgress,
    responses={404: {"model": Problem}, **UNCHANGED},
)
async def status(request: Request, name: BookName, backend: TheBackend, caller: TheCaller) -> Response:
    """How a book stands, by the number or id of its job, or else of the book, of which the newest job counts. The same
    path with a slash at its end is that of an uploaded document's narration."""
    job = await backend.jobs.meant(caller.owner, name)
    found = await statuses(request).of(caller.owner, job.job_id)
    first = await backend.jobs.first_orders(caller.owner, [job.book_id])
    body = book_progress(found.progress, first[job.book_id], found.live, found.files, caller)
    return json_answer(request, body, exclude_none=False)
