"""Batches and schedules: many orders, a bounded number at once, now or at set times."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.deps import Backend, TheBackend, TheCaller
from api.orders.ordering import LATER_S
from api.schemas.batches import (
    BatchAnswer,
    BatchCounts,
    BatchDetails,
    BatchItemAnswer,
    BatchList,
    BatchOrder,
    BatchStateName,
    BookTodo,
    ScheduleAnswer,
    ScheduleList,
    ScheduleOrder,
    TextTodo,
)
from api.schemas.problems import Problem
from api.wire.cursors import Cursor, Limit, number, part
from api.wire.idempotency import IDEMPOTENT, TheOnce
from api.wire.names import named
from bookwright.batching import Batching, open_batching
from bookwright.batchorders import BatchOrders, NewText
from bookwright.contracts.batches import BatchState, BookItem, Timing
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from bookwright.cron import check_timing
from bookwright.intake import Wishes
from bookwright.store.batches.store import BatchFacts, BatchItem, BatchStore, ScheduleFacts

router = APIRouter(prefix="/api", tags=["batches"])
STATES: dict[BatchState, BatchStateName] = {
    BatchState.QUEUED: "pending",
    BatchState.RUNNING: "processing",
    BatchState.DONE: "completed",
    BatchState.CANCELLED: "cancelled",
}
JOBS = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "processing",
    JobState.PAUSED: "paused",
    JobState.DONE: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
RESPONSES: dict[int | str, dict[str, Any]] = {404: {"model": Problem}, **IDEMPOTENT}


ABatch = Annotated[str, named("batch", "there is no such batch")]
ASchedule = Annotated[str, named("schedule", "there is no such schedule")]


@router.post("/batches", operation_id="createBatch", status_code=202, response_model=BatchAnswer, responses=IDEMPOTENT)
async def create(order: BatchOrder, once: TheOnce, backend: TheBackend, caller: TheCaller) -> Response:
    """Order many things at once. Each item becomes a job of its own; at most `atOnce` of them are under way. All items
    are checked first: one that can't be is named, and nothing is ordered."""

    async def work() -> Response:
        items = [_wanted(item) for item in order.items]
        return _accepted(await _orders(backend).take(caller.owner, order.name, items, order.atOnce))

    return await once(work)


@router.get("/batches", operation_id="listBatches", responses={422: {"model": Problem}})
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: TheCaller,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BatchList:
    """The caller's batches, newest first."""
    found = await _store(backend).batches(caller.owner, limit + 1, number(cursor))
    shown, following = part(request, response, found, limit, lambda batch: (batch.created_at, str(batch.number)))
    return BatchList(batches=tuple(_answer(batch) for batch in shown), next_cursor=following)


@router.get("/batches/{batch}", operation_id="getBatch", responses={404: {"model": Problem}})
async def one_batch(batch: ABatch, backend: TheBackend, caller: TheCaller) -> BatchDetails:
    """How a batch and each of its items stand."""
    found = await _store(backend).batch(caller.owner, batch)
    items = await _store(backend).items(caller.owner, found.batch_id)
    return BatchDetails(**_answer(found).model_dump(), details=tuple(_item(item) for item in items))


@router.post("/batches/{batch}/cancel", operation_id="cancelBatch", response_model=BatchAnswer, responses=RESPONSES)
async def cancel(batch: ABatch, once: TheOnce, backend: TheBackend, caller: TheCaller) -> Response:
    """Order nothing more of the batch, and cancel its jobs that go on. What was made is kept."""

    async def work() -> Response:
        await _batching(backend).cancel(await _store(backend).batch(caller.owner, batch))
        return _json(_answer(await _store(backend).batch(caller.owner, batch)))

    return await once(work)


@router.post(
    "/batches/{batch}/retry",
    operation_id="retryBatch",
    status_code=202,
    response_model=BatchAnswer,
    responses=RESPONSES,
)
async def retry(batch: ABatch, once: TheOnce, backend: TheBackend, caller: TheCaller) -> Response:
    """Order the rest of a batch that has ended, in a new one: items without a job, and whatever is missing of the
    books whose jobs did not end well."""

    async def work() -> Response:
        rest = await _batching(backend).retry(await _store(backend).batch(caller.owner, batch))
        return _accepted(await _store(backend).batch(caller.owner, rest))

    return await once(work)


@router.post(
    "/schedules", operation_id="createSchedule", status_code=201, response_model=ScheduleAnswer, responses=IDEMPOTENT
)
async def schedule(order: ScheduleOrder, once: TheOnce, backend: TheBackend, caller: TheCaller) -> Response:
    """Have a batch made at set times. While one run is still on, the next is left out. Temporal is told by a worker,
    also when it is away just now."""

    async def work() -> Response:
        timing = check_timing(Timing(cron=order.cron, timezone=order.timezone, at=order.at))
        items = [BookItem(kind=item.kind, book=str(item.book)) for item in order.items]
        await _orders(backend).check(caller.owner, items)
        made = await _store(backend).add_schedule(caller.owner, order.name, timing, items, order.atOnce)
        return _json(_scheduled(made), 201, {"Location": f"/api/schedules/{made.schedule_id}"})

    return await once(work)


@router.get("/schedules", operation_id="listSchedules", responses={422: {"model": Problem}})
async def schedules(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: TheCaller,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ScheduleList:
    """The caller's schedules, newest first."""
    found = await _store(backend).schedules(caller.owner, limit + 1, number(cursor))
    shown, following = part(request, response, found, limit, lambda one: (one.created_at, str(one.number)))
    return ScheduleList(schedules=tuple(_scheduled(one) for one in shown), next_cursor=following)


@router.get("/schedules/{schedule}", operation_id="getSchedule", responses={404: {"model": Problem}})
async def one_schedule(schedule: ASchedule, backend: TheBackend, caller: TheCaller) -> ScheduleAnswer:
    """A schedule."""
    return _scheduled(await _store(backend).schedule(caller.owner, schedule))


@router.delete(
    "/schedules/{schedule}", operation_id="deleteSchedule", status_code=204, responses={404: {"model": Problem}}
)
async def remove(schedule: ASchedule, backend: TheBackend, caller: TheCaller) -> Response:
    """Make no more batches of a schedule. Those that were made go on."""
    await _store(backend).remove_schedule(await _store(backend).schedule(caller.owner, schedule))
    return Response(status_code=204)


def _store(backend: Backend) -> BatchStore:
    return BatchStore(backend.database, backend.assets)


def _orders(backend: Backend) -> BatchOrders:
    return BatchOrders(backend.database, backend.assets, _store(backend), backend.engine, backend.lacking)


def _batching(backend: Backend) -> Batching:
    return open_batching(backend.database, backend.assets, backend.jobs, backend.temporal.client)


def _wanted(item: BookTodo | TextTodo) -> BookItem | NewText:
    if isinstance(item, BookTodo):
        return BookItem(kind=item.kind, book=str(item.book))
    wishes = Wishes(
        title=item.title,
        author=item.author,
        language=item.language,
        voice=item.voice,
        tracks=tuple(Track(track) for track in dict.fromkeys(item.tracks)),
        editions=tuple(dict.fromkeys(item.editions)),
    )
    return NewText(item.text, wishes)


def _answer(found: BatchFacts) -> BatchAnswer:
    jobs = {name: found.jobs.get(state, 0) for state, name in JOBS.items()}
    counts = BatchCounts(
        total=found.items, waiting=found.waiting, refused=found.refused, incomplete=found.lacking, **jobs
    )
    return BatchAnswer(
        batchId=found.batch_id,
        number=found.number,
        name=found.name,
        status=STATES[found.state],
        atOnce=found.at_once,
        items=counts,
        scheduleId=found.schedule_id,
        createdAt=found.created_at,
        finishedAt=found.closed_at,
    )


def _item(found: BatchItem) -> BatchItemAnswer:
    wanted = found.wanted
    status = JOBS[found.state] if found.state else "refused" if found.error else "waiting"
    return BatchItemAnswer(
        item=found.item,
        kind=wanted.kind if isinstance(wanted, BookItem) else "text",
        book=wanted.book if isinstance(wanted, BookItem) else wanted.order.book_id,
        jobId=found.job_id,
        status=status,
        warning=found.warning,
        error=found.error,
    )


def _scheduled(found: ScheduleFacts) -> ScheduleAnswer:
    return ScheduleAnswer(
        scheduleId=found.schedule_id,
        number=found.number,
        name=found.name,
        cron=found.timing.cron,
        timezone=found.timing.timezone,
        at=found.timing.at,
        atOnce=found.at_once,
        items=tuple(BookTodo(kind=item.kind, book=item.book) for item in found.items),
        settled=found.settled,
        createdAt=found.created_at,
    )


def _accepted(found: BatchFacts) -> Response:
    headers = {"Location": f"/api/batches/{found.batch_id}", "Retry-After": str(LATER_S)}
    return _json(_answer(found), 202, headers)


def _json(body: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(body.model_dump_json(), status, headers, media_type="application/json")
