"""Figures and lists: of all jobs for operators, and what each user has used."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import TheAdmin, TheBackend, TheCaller
from api.jobs.views import TYPES, alerts, costs, percentile, queue_counts
from api.routes.jobs import WantedJobs, job_list
from api.schemas.jobs import AdminStats, Durations, JobList, Throughput, UsageAnswer
from api.schemas.keys import UserId
from api.schemas.problems import Problem
from api.schemas.users import limits_answer
from api.wire.cursors import Cursor, Limit, number
from bookwright.contracts.ids import OwnerId
from bookwright.money.usd import to_usd
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.filters import QueueState
from bookwright.store.jobs.statistics import total

MOST_ALERTS = 20
"""Those that are open and shown; `GET /api/admin/alerts` has all."""
router = APIRouter(prefix="/api")


@router.get(
    "/admin/jobs/stats",
    operation_id="getJobStats",
    tags=["admin"],
    responses={403: {"model": Problem, "description": "This needs an admin key."}},
)
async def stats(backend: TheBackend, _admin: TheAdmin) -> AdminStats:
    """All jobs of all users: how many stand where, how fast they are finished, what they cost."""
    found = await backend.statistics.jobs()
    totals = total(found.queues.values())
    waited = (utcnow() - found.oldest_waiting).total_seconds() if found.oldest_waiting else 0.0
    return AdminStats(
        queues={TYPES[kind]: queue_counts(counts) for kind, counts in found.queues.items()},
        totals=queue_counts(totals),
        throughput=Throughput(last_hour=found.last_hour, last_day=found.last_day),
        durations=Durations(p50=percentile(found.durations, 0.5), p95=percentile(found.durations, 0.95)),
        cost=costs(found.today_micros, found.month_micros),
        alerts=alerts(found, waited, totals, await backend.alerts.alerts(MOST_ALERTS, acknowledged=False)),
    )


@router.get(
    "/admin/jobs/list",
    operation_id="listAllJobs",
    tags=["admin"],
    responses={403: {"model": Problem, "description": "This needs an admin key."}, 422: {"model": Problem}},
)
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    _admin: TheAdmin,
    wanted: WantedJobs,
    user: Annotated[UserId | None, Query()] = None,
    state: Annotated[QueueState | None, Query(description="As the statistics count them.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JobList:
    """The jobs of all users, newest first."""
    owner = None if user is None else OwnerId(user)
    wanted = wanted.model_copy(update={"owner": owner, "standing": state})
    return job_list(request, response, await backend.lists.of_all(wanted, number(cursor), limit))


@router.get("/usage", operation_id="getUsage", tags=["jobs"])
async def usage(backend: TheBackend, caller: TheCaller) -> UsageAnswer:
    """What the caller has used: money this month and today, calls, jobs, books."""
    found = await backend.statistics.usage(caller.owner)
    limits = (await backend.users.user(caller.owner)).limits
    caps = (found.cap_micros, limits.month_micros, backend.months.default_micros)
    cap = next((cap for cap in caps if cap is not None), None)
    return UsageAnswer(
        month=found.month,
        cost=costs(found.today_micros, found.committed_micros),
        cap=None if cap is None else to_usd(cap),
        calls=found.calls,
        jobs=queue_counts(found.jobs),
        books=found.books,
        pages=found.pages,
        limits=limits_answer(limits),
    )
