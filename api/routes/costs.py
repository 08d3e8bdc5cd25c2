"""What calls cost, and how much they may."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from api.deps import TheActor, TheAdmin, TheBackend, TheCaller, TheJob
from api.orders.ordering import steering
from api.schemas.costs import (
    CostAnswer,
    CostEntry,
    CostSums,
    JobCosts,
    Month,
    MonthBudgetAnswer,
    MonthCap,
    PageCost,
    StageCost,
)
from api.schemas.keys import UserId
from api.schemas.problems import Problem
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import OwnerId
from bookwright.money.usd import to_micros, to_usd
from bookwright.store.database.columns import utcnow
from bookwright.store.ledger.costs import CostKey, CostLine, CostReport, Span
from bookwright.store.ledger.months import MonthBudget

router = APIRouter(prefix="/api")
ADMIN: dict[int | str, dict[str, Any]] = {403: {"model": Problem, "description": "This needs an admin key."}}
_LATER = Query(description="Calls made at this time (RFC 3339 with a zone) or later.")


async def span(
    month: Annotated[Month | None, Query(description="A month; this one when no time is given.")] = None,
    since: Annotated[datetime | None, _LATER] = None,
    until: Annotated[datetime | None, Query(description="Calls made before this time.")] = None,
) -> Span | None:
    """What a query asks for. Raises BadInput."""
    for field, moment in (("since", since), ("until", until)):
        if moment is not None and (moment.tzinfo is None or not 1970 < moment.year < 9000):
            raise BadInput("give a time with its zone, such as 2026-01-31T12:00:00Z", field=field)
    if month is not None:
        if since or until:
            raise BadInput("give a month, or times to begin and end with", field="month")
        return Span.month(month)
    return Span(since=since, until=until) if since or until else None


WantedSpan = Annotated[Span | None, Depends(span)]
By = Annotated[CostKey, Query(description="What is summed up by.")]
Most = Annotated[int, Query(ge=1, le=1_000, description="How many entries at most.")]


@router.get("/costs", operation_id="getCosts", tags=["costs"], responses={422: {"model": Problem}})
async def own(
    backend: TheBackend, caller: TheCaller, wanted: WantedSpan, by: By = CostKey.BOOK, limit: Most = 100
) -> CostAnswer:
    """What the caller's calls cost; calls with an unknown outcome at their most."""
    return _answer(await backend.costs.of_owner(caller.owner, by, wanted or backend.costs.this_month(), limit))


@router.get("/admin/costs", operation_id="getAllCosts", tags=["admin"], responses=ADMIN | {422: {"model": Problem}})
async def everybodys(
    backend: TheBackend,
    _admin: TheAdmin,
    wanted: WantedSpan,
    by: By = CostKey.USER,
    user: Annotated[UserId | None, Query(description="This user's alone.")] = None,
    limit: Most = 100,
) -> CostAnswer:
    """What the calls of all users cost."""
    when = wanted or backend.costs.this_month()
    if user is not None:
        return _answer(await backend.costs.of_owner(OwnerId(user), by, when, limit))
    return _answer(await backend.costs.of_all(by, when, limit))


@router.get("/jobs/{job}/costs", operation_id="getJobCosts", tags=["costs"], responses={404: {"model": Problem}})
async def of_job(
    backend: TheBackend,
    job: TheJob,
    first: Annotated[int, Query(ge=1, le=10_000_000, description="The first page to show.")] = 1,
    limit: Annotated[int, Query(ge=1, le=1_000, description="How many pages to show.")] = 100,
) -> JobCosts:
    """What a job's calls cost up to now, by stage and page; what is reserved for calls under way stands apart."""
    found = await backend.costs.of_job(job.owner_id, job.job_id, first, first + limit - 1)
    return JobCosts(
        jobId=job.job_id,
        cost=to_usd(sum(stage.cost_micros for stage in found.stages)),
        reserved=to_usd(sum(stage.reserved_micros for stage in found.stages)),
        stages=tuple(
            StageCost(
                stage=sums.key, cost=to_usd(sums.cost_micros), reserved=to_usd(sums.reserved_micros), calls=sums.calls
            )
            for sums in found.stages
        ),
        pages=tuple(
            PageCost(
                page=int(sums.key),
                cost=to_usd(sums.cost_micros),
                reserved=to_usd(sums.reserved_micros),
                calls=sums.calls,
            )
            for sums in found.pages
        ),
    )


TheUser = Annotated[UserId, Path(description="The user's id.")]
OF_A_USER = ADMIN | {404: {"model": Problem, "description": "There is no such user."}}


@router.get("/admin/users/{user}/budget", operation_id="getMonthBudget", tags=["admin"], responses=OF_A_USER)
async def month_budget(
    user: TheUser,
    backend: TheBackend,
    _admin: TheAdmin,
    month: Annotated[Month | None, Query(description="This month when left out.")] = None,
) -> MonthBudgetAnswer:
    """What a user's calls may cost in a month."""
    return _budget(await backend.months.of(OwnerId(user), month or f"{utcnow():%Y-%m}"))


@router.put("/admin/users/{user}/budget", operation_id="setMonthBudget", tags=["admin"], responses=OF_A_USER)
async def set_month_budget(
    user: TheUser, wanted: MonthCap, backend: TheBackend, _admin: TheAdmin, actor: TheActor
) -> MonthBudgetAnswer:
    """Say what a user's calls may cost in a month. What was spent counts; jobs that the limit had stopped go on when
    there is something left to spend."""
    owner, cap = OwnerId(user), None if wanted.cap is None else to_micros(wanted.cap)
    found = await backend.months.set(owner, wanted.month, cap, actor=actor)
    held_up = await backend.months.held_up(owner, wanted.month) if found.left_micros != 0 else []
    for job in held_up:
        await steering(backend).resume(await backend.jobs.job(owner, job))
    return _budget(found, len(held_up))


def _answer(report: CostReport) -> CostAnswer:
    return CostAnswer(
        by=report.by,
        since=report.span.since,
        until=report.span.until,
        costs=tuple(CostEntry(key=line.key, title=line.title, **_sums(line)) for line in report.lines),
        more=report.more,
        total=CostSums(**_sums(report.total)),
    )


def _sums(line: CostLine) -> dict[str, Any]:
    counts = line.model_dump(include={"settled", "rejected", "ambiguous", "reserved", "reused"})
    sums = {f"{kind}_cost": to_usd(getattr(line, f"{kind}_micros")) for kind in counts if kind != "reused"}
    return counts | sums | {"cost": to_usd(line.cost_micros), "saved": to_usd(line.saved_micros)}


def _budget(found: MonthBudget, resumed: int = 0) -> MonthBudgetAnswer:
    return MonthBudgetAnswer(
        user_id=found.user_id,
        month=found.month,
        cap=None if found.cap_micros is None else to_usd(found.cap_micros),
        own=found.own,
        committed=to_usd(found.committed_micros),
        left=None if found.left_micros is None else to_usd(found.left_micros),
        resumed=resumed,
    )
