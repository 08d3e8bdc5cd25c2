"""The operators' page of all jobs: how they stand, what needs somebody, what happened, and a list with filters."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Backend, TheAdmin, TheBackend
from api.jobs.operating import bulk_answer, health_answer, history_of
from api.jobs.views import KINDS as TYPES
from api.jobs.views import costs, percent, percentile
from api.schemas.admin import HistorySpan
from api.web.operators import CAN, KINDS, STATES, VERBS, Asked, lasting, moment, state_of, type_name
from api.web.pages import page
from api.web.words import Said, ago, money
from api.wire.cursors import cursor_of, number
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import OwnerId
from bookwright.money.usd import to_usd
from bookwright.store import JobProgress
from bookwright.store.bulk.store import BulkStore
from bookwright.store.database.columns import utcnow
from bookwright.store.ingestion.deadletters import DeadLetters
from bookwright.store.jobs.filters import JobFilter, QueueState
from bookwright.store.jobs.statistics import JobCounts, total

JOBS_AT_ONCE = 25
SHOWN = 5
"""Alerts, dead letters and bulk actions that are shown at once."""
router = APIRouter(prefix="/admin/jobs", include_in_schema=False)


class Line(NamedTuple):
    """A job in the list."""

    progress: JobProgress
    state: QueueState
    said: Said
    percent: int | None
    """Of one that is not closed."""
    came: str
    cost: str
    note: str
    """Why it stands still, failed, or what it lacks."""


async def asked(
    type: str = "",
    state: str = "",
    user: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    since: str = "",
    until: str = "",
) -> Asked:
    """The filter as the address has it."""
    return Asked(*(" ".join(value.split()) for value in (type, state, user, q, since, until)))


TheAsked = Annotated[Asked, Depends(asked)]
Span = Annotated[HistorySpan, Query()]


@router.get("")
async def jobs(
    request: Request,
    backend: TheBackend,
    admin: TheAdmin,
    wanted: TheAsked,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """The page without what takes longer, which it asks for itself; for htmx, the list alone."""
    context = await _list(backend, wanted, cursor)
    if request.headers.get("hx-request") == "true":
        return page(request, admin, "admin_list.html", "jobs", context)
    context |= await _now(backend)
    return page(request, admin, "admin_jobs.html", "jobs", context)


@router.get("/now")
async def now(request: Request, backend: TheBackend, admin: TheAdmin) -> Response:
    """How everything stands."""
    return page(request, admin, "admin_now.html", "jobs", await _now(backend))


@router.get("/history")
async def history(request: Request, backend: TheBackend, admin: TheAdmin, span: Span = "day") -> Response:
    """What happened, as a table that charts are drawn from."""
    return page(request, admin, "admin_history.html", "jobs", await _history(backend, span))


@router.get("/health")
async def health(request: Request, backend: TheBackend, admin: TheAdmin) -> Response:
    """Queues and workers. Temporal may take its time, so the page does not wait for it."""
    found = health_answer(await backend.operations.standing())
    context = {"health": found, "now": utcnow(), "lasting": lasting}
    return page(request, admin, "admin_health.html", "jobs", context)


async def _now(backend: Backend) -> dict[str, Any]:
    found, now = await backend.statistics.jobs(), utcnow()
    letters, bulk = DeadLetters(backend.database), await BulkStore(backend.database).recent(SHOWN)
    alerts = await backend.alerts.alerts(SHOWN + 1, acknowledged=False)
    spent = costs(found.today_micros, found.month_micros)
    waited = (now - found.oldest_waiting).total_seconds() if found.oldest_waiting else None
    return {
        "rows": [_row(KINDS[kind], type_name(kind), counts) for kind, counts in found.queues.items()]
        + [_row("All", "", total(found.queues.values()))],
        "states": STATES,
        "last_hour": found.last_hour,
        "last_day": found.last_day,
        "p50": lasting(percentile(found.durations, 0.5)),
        "p95": lasting(percentile(found.durations, 0.95)),
        "today": money(spent.today),
        "month": money(spent.month),
        "waited": lasting(waited) if waited is not None else "",
        "alerts": [(alert, ago(alert.last_at, now)) for alert in alerts[:SHOWN]],
        "more_alerts": len(alerts) > SHOWN,
        "letters": [(letter, ago(letter.failed_at, now)) for letter in await letters.newest(SHOWN)],
        "letter_count": await letters.count(),
        "bulk": [
            (bulk_answer(one), ago(one.asked_at, now)) for one in bulk if one.open or (now - one.asked_at).days < 1
        ],
        "verbs": {verb.value: text for verb, (text, _) in VERBS.items()},
        "as_of": now,
    }


def _row(name: str, type: str, counts: JobCounts) -> tuple[str, list[tuple[QueueState, int, str]]]:
    """A kind of jobs: of each state how many there are, and the address of their list."""
    cells = []
    for state in QueueState:
        count: int = getattr(counts, state)
        cells.append((state, count, "/admin/jobs?" + urlencode(Asked(type=type, state=state).parts) + "#jobs"))
    return name, cells


async def _history(backend: Backend, span: HistorySpan) -> dict[str, Any]:
    found = await history_of(backend, span, None)
    shown = [
        (bucket, f"{bucket.at:%H:%M}" if span == "day" else f"{bucket.at:%a %d %b, %H:%M}") for bucket in found.buckets
    ]
    return {"buckets": shown, "span": span, "lasting": lasting, "money": money}


async def _list(backend: Backend, wanted: Asked, cursor: str | None) -> dict[str, Any]:
    """The list, or what is wrong with the filter."""
    errors: dict[str, str] = {}
    found: list[JobProgress] = []
    count, more = 0, None
    try:
        filter = job_filter(wanted)
        part = await backend.lists.of_all(filter, number(cursor), JOBS_AT_ONCE)
        found, count = part.jobs, await _count(backend, filter)
        if part.cursor is not None:
            after = cursor_of((found[-1].job.created_at, str(found[-1].job.number)))
            more = "/admin/jobs?" + urlencode(wanted.parts | {"cursor": after}) + "#jobs"
    except BadInput as error:
        errors[error.field or "q"] = str(error)
    state = QueueState(wanted.state) if wanted.state in set(QueueState) else None
    return {
        "jobs": [_line(one) for one in found],
        "count": count,
        "more": more,
        "first": "/admin/jobs?" + urlencode(wanted.parts) + "#jobs" if cursor else None,
        "wanted": wanted,
        "asked": wanted.parts,
        "errors": errors,
        "types": [(type_name(kind), text) for kind, text in KINDS.items()],
        "states": STATES,
        "can": [(verb, *VERBS[verb]) for verb in CAN[state]] if count else [],
        "kinds": KINDS,
    }


async def _count(backend: Backend, filter: JobFilter) -> int:
    """How many jobs match. All of them were just counted, state by state."""
    if filter != JobFilter():
        return await backend.lists.count(filter)
    counted = total((await backend.statistics.jobs()).queues.values())
    return sum(counted.model_dump().values())


def job_filter(wanted: Asked) -> JobFilter:
    """What an address asks for. Raises BadInput naming the field."""
    if wanted.type and wanted.type not in TYPES:
        raise BadInput("choose one of the kinds of jobs", field="type")
    if wanted.state and wanted.state not in set(QueueState):
        raise BadInput("choose one of the states", field="state")
    if len(wanted.user) > 64 or len(wanted.q) > 100 or not (wanted.user + wanted.q).isprintable():
        raise BadInput("that is too long, or has signs that can’t be looked for", field="q")
    times = {}
    for field in ("since", "until"):
        try:
            times[field] = moment(getattr(wanted, field))
        except ValueError:
            raise BadInput("give a day and a time, such as 2026-01-31T12:00", field=field) from None
    return JobFilter(
        kind=next((kind for name, kind in TYPES.items() if name == wanted.type), None),
        standing=QueueState(wanted.state) if wanted.state else None,
        owner=OwnerId(wanted.user) if wanted.user else None,
        q=wanted.q or None,
        **times,
    )


def _line(progress: JobProgress) -> Line:
    job = progress.job
    state = state_of(job)
    return Line(
        progress=progress,
        state=state,
        said=Said("Done, parts missing", "warn") if job.warning and state is QueueState.COMPLETED else STATES[state],
        percent=None if job.state.closed else percent(progress),
        came=ago(job.created_at, utcnow()),
        cost=money(to_usd(progress.counts.cost_micros)),
        note=job.error or job.paused_reason or job.warning or "",
    )
