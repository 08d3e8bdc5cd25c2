"""Jobs: ordering one, the list of one's own, how one stands, and what happens in it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from api.deps import Backend, JobName, TheBackend, TheCaller, TheJob
from api.jobs.statuses import Statuses
from api.jobs.streams import Streams
from api.jobs.views import KINDS, job_edition, job_status
from api.orders.ordering import accepted, illustrate, narrate
from api.orders.stories import take_notes
from api.schemas.joborders import AudioJob, ImageJob, JobOrder, StoryJob
from api.schemas.jobs import JobAccepted, JobList, JobStatus, JobStatusName, JobType
from api.schemas.problems import Problem
from api.wire.answers import UNCHANGED, json_answer
from api.wire.cursors import Cursor, Limit, next_part, number
from api.wire.idempotency import IDEMPOTENT, TheOnce
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.jobs.filters import JobFilter
from bookwright.store.jobs.listing import JobPage

router = APIRouter(prefix="/api", tags=["jobs"])
STATES: dict[JobStatusName, tuple[JobState, ...]] = {
    "pending": (JobState.QUEUED,),
    "processing": (JobState.RUNNING, JobState.PAUSED),
    "completed": (JobState.DONE,),
    "failed": (JobState.FAILED,),
    "cancelled": (JobState.CANCELLED,),
}
FULL_S = 30
"""When to try again to open a stream while one has too many."""
SEARCH = Query(
    min_length=1,
    max_length=100,
    pattern=r"^[^\x00-\x1f\x7f]+$",
    description="In titles of newer books; or an id or number.",
)
Sought = Annotated[str | None, SEARCH]
Since = Annotated[datetime | None, Query(description="Came in at this time (RFC 3339 with a zone) or later.")]
Until = Annotated[datetime | None, Query(description="Came in before this time.")]


async def job_filter(
    type: Annotated[JobType | None, Query()] = None,
    status: Annotated[JobStatusName | None, Query()] = None,
    since: Since = None,
    until: Until = None,
    q: Sought = None,
) -> JobFilter:
    """What a list's query asks for. Raises BadInput."""
    for field, moment in (("since", since), ("until", until)):
        if moment is not None and (moment.tzinfo is None or not 1970 < moment.year < 9000):
            raise BadInput("give a time with its zone, such as 2026-01-31T12:00:00Z", field=field)
    return JobFilter(
        kind=KINDS[type] if type else None, states=STATES[status] if status else None, since=since, until=until, q=q
    )


WantedJobs = Annotated[JobFilter, Depends(job_filter)]


@router.post(
    "/jobs/create",
    operation_id="createJob",
    status_code=202,
    response_model=JobAccepted,
    responses={404: {"model": Problem, "description": "There is no such book."}, **IDEMPOTENT},
)
async def create(
    order: Annotated[JobOrder, Body()], once: TheOnce, backend: TheBackend, caller: TheCaller, request: Request
) -> Response:
    """Order a job. `story_generation` writes a story from notes, as a new book unless `storyId` names one;
    `image_generation` illustrates a book that is there, `audio_generation` narrates it; both make what is missing and
    bind its editions. Where the job can be asked for is in `Location`."""

    async def work() -> Response:
        answer = await _ordered(backend, caller.owner, order)
        statuses(request).changed(caller.owner)
        return answer

    return await once(work)


async def _ordered(backend: Backend, owner: OwnerId, order: StoryJob | ImageJob | AudioJob) -> Response:
    if isinstance(order, StoryJob):
        return await take_notes(backend, owner, order)
    if order.storyId is None:
        raise BadInput("name the book; story_generation or POST /api/books/upload/ makes one", field="storyId")
    book = await backend.shelf.book(owner, order.storyId)
    if isinstance(order, ImageJob):
        return await accepted(backend, await illustrate(backend, owner, book, order.config))
    return await accepted(backend, await narrate(backend, owner, book, order.config))


@router.get("/jobs", operation_id="listJobs", response_model=JobList, responses={422: {"model": Problem}})
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: TheCaller,
    wanted: WantedJobs,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JobList:
    """The caller's jobs, newest first, as the store has them."""
    page = await backend.lists.of_owner(caller.owner, wanted, number(cursor), limit)
    return job_list(request, response, page)


@router.get(
    "/jobs/{job}/status",
    operation_id="getJobStatus",
    response_model=JobStatus,
    responses={404: {"model": Problem}, **UNCHANGED},
)
async def status(request: Request, name: JobName, caller: TheCaller) -> Response:
    """How a job stands: as its workflow says, looked at once a second for everybody; as the store has it while no
    worker answers. `as_of` is when this was so."""
    found = await statuses(request).of(caller.owner, name)
    body = job_status(found.progress, found.live, found.files, caller, found.minutes)
    return json_answer(request, body, edition=job_edition(found.progress.job), exclude_none=False)


@router.get(
    "/jobs/{job}/events",
    operation_id="watchJob",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."},
        204: {"description": "The job has ended, and all its events were had."},
        404: {"model": Problem},
        422: {"model": Problem},
    },
)
async def events(
    request: Request,
    job: TheJob,
    caller: TheCaller,
    last: Annotated[
        int, Header(alias="Last-Event-ID", ge=0, le=2**53, description="Go on after this event.", examples=[17])
    ] = 0,
) -> Response:
    """What happens in a job, from its first event or the one after `Last-Event-ID` on. Each event's `id` is the one
    before it plus 1; its data is JSON with `seq`, `kind`, `at` and `data`. `closed` is the last one."""
    if job.state.closed and last >= job.event_seq:
        return Response(status_code=204)
    streams: Streams = request.app.state.streams
    if streams.full(caller.owner):
        raise HTTPException(429, headers={"Retry-After": str(FULL_S)})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(streams.events(job, caller, last), media_type="text/event-stream", headers=headers)


def statuses(request: Request) -> Statuses:
    """The application's looks at jobs."""
    found: Statuses = request.app.state.statuses
    return found


def job_list(request: Request, response: Response, page: JobPage) -> JobList:
    """A part of a list as an answer."""
    last = page.jobs[-1].job if page.cursor is not None else None
    following = next_part(request, response, (last.created_at, str(last.number))) if last else None
    return JobList(jobs=tuple(job_status(job) for job in page.jobs), next_cursor=following)
