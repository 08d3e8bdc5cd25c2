"""Doing the same to all jobs that match: first the count, then the deed, which workers do one by one."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from api.deps import Backend, TheActor, TheAdmin, TheBackend
from api.jobs.operating import bulk_answer
from api.orders.ordering import later
from api.routes.jobs import job_filter
from api.schemas.admin import BulkAnswer, BulkCount, BulkList, BulkOrder
from api.schemas.problems import Problem
from api.wire.idempotency import IDEMPOTENT, TheOnce
from api.wire.names import named
from bookwright.contracts.access import Actor, Caller
from bookwright.contracts.ids import OwnerId
from bookwright.store.bulk.store import BulkStore, BulkVerb
from bookwright.store.jobs.filters import JobFilter

router = APIRouter(prefix="/api/admin", tags=["admin"])
NEWEST = 20
BulkName = Annotated[str, named("bulk", "there is no such bulk action")]
RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"model": BulkAnswer, "description": "It is accepted, and done by the workers."},
    409: {"model": Problem, "description": "There are other many such jobs now than `expected`. Nothing was begun."},
    **{status: answer for status, answer in IDEMPOTENT.items() if status != 409},
}


@router.post("/jobs/cancel", operation_id="cancelJobs", response_model=BulkCount, responses=RESPONSES)
async def cancel(order: BulkOrder, once: TheOnce, backend: TheBackend, admin: TheAdmin, actor: TheActor) -> Response:
    """Stop all open jobs that match. Without `expected` nothing is done: the answer is how many that would be."""
    return await once(lambda: _done(backend, admin, actor, BulkVerb.CANCEL, order))


@router.post("/jobs/pause", operation_id="pauseJobs", response_model=BulkCount, responses=RESPONSES)
async def pause(order: BulkOrder, once: TheOnce, backend: TheBackend, admin: TheAdmin, actor: TheActor) -> Response:
    """Have all running jobs that match begin nothing new. Without `expected` the answer is how many that would be."""
    return await once(lambda: _done(backend, admin, actor, BulkVerb.PAUSE, order))


@router.post("/jobs/resume", operation_id="resumeJobs", response_model=BulkCount, responses=RESPONSES)
async def resume(order: BulkOrder, once: TheOnce, backend: TheBackend, admin: TheAdmin, actor: TheActor) -> Response:
    """Have all jobs that match and stand still go on. Without `expected` the answer is how many that would be."""
    return await once(lambda: _done(backend, admin, actor, BulkVerb.RESUME, order))


@router.post("/jobs/retry", operation_id="retryJobs", response_model=BulkCount, responses=RESPONSES)
async def retry(order: BulkOrder, once: TheOnce, backend: TheBackend, admin: TheAdmin, actor: TheActor) -> Response:
    """Order what is missing of all jobs that match and failed, or ended with parts missing, unless a newer job of the
    book did; of cancelled ones only when `state` names these. Without `expected` the answer is how many that would
    be."""
    return await once(lambda: _done(backend, admin, actor, BulkVerb.RETRY, order))


@router.get("/bulk", operation_id="listBulkActions")
async def listed(backend: TheBackend, _admin: TheAdmin) -> BulkList:
    """What was done to many jobs at once, and how far it is. It is kept for 30 days."""
    found = await BulkStore(backend.database).recent(NEWEST)
    return BulkList(actions=tuple(map(bulk_answer, found)))


@router.get("/bulk/{bulk}", operation_id="getBulkAction", responses={404: {"model": Problem}})
async def one(bulk: BulkName, backend: TheBackend, _admin: TheAdmin) -> BulkAnswer:
    """How far something is that is done to many jobs."""
    return bulk_answer(await BulkStore(backend.database).one(bulk))


async def wanted_jobs(order: BulkOrder) -> JobFilter:
    """The jobs that are meant. Raises BadInput."""
    wanted = await job_filter(order.type, order.status, order.since, order.until, order.q)
    owner = OwnerId(order.user) if order.user else None
    return wanted.model_copy(update={"owner": owner, "standing": order.state})


async def _done(backend: Backend, admin: Caller, actor: Actor, verb: BulkVerb, order: BulkOrder) -> Response:
    store, wanted = BulkStore(backend.database), await wanted_jobs(order)
    if order.expected is None:
        count = BulkCount(action=verb, count=await store.count(verb, wanted))
        return Response(count.model_dump_json(), media_type="application/json")
    begun = await store.begin(admin.owner, actor, verb, wanted, order.expected)
    return later(bulk_answer(begun).model_dump_json(), f"/api/admin/bulk/{begun.bulk_id}")
