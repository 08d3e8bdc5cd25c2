"""The operators' page of one job: what was done, what it cost, what went wrong, and what can be done about it."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.deps import TheAdmin, TheBackend
from api.jobs.operating import admin_call, admin_job, admin_page
from api.jobs.views import job_edition
from api.routes.adminjobs import AnyJob, part_after
from api.routes.jobs import statuses
from api.web.operators import CAN, KINDS, STATES, VERBS, lasting, state_of
from api.web.pages import page
from api.web.words import STAGES, ago, money
from api.wire.cursors import Cursor, cursor_of, number
from bookwright.store import JobRow
from bookwright.store.bulk.store import BulkVerb
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.inspection import Inspections

PAGES_AT_ONCE, CALLS_AT_ONCE = 25, 25
router = APIRouter(prefix="/admin/jobs/{job}", include_in_schema=False)
_TONES = {
    "completed": "good",
    "failed": "bad",
    "processing": "busy",
    "settled": "good",
    "rejected": "warn",
    "ambiguous": "warn",
    "fenced": "warn",
    "sent": "busy",
    "reserved": "busy",
}


class Act(NamedTuple):
    """A button."""

    verb: BulkVerb
    text: str
    said: str
    ask: str
    """What is asked first, if anything."""


@router.get("")
async def job_page(request: Request, job: AnyJob, backend: TheBackend, admin: TheAdmin) -> Response:
    """The page."""
    looks = Inspections(backend.database)
    context = await _now(request, backend, job)
    context |= _pages_part(job, [admin_page(one) for one in await looks.pages(job, 0, PAGES_AT_ONCE + 1)], False)
    context |= _calls_part(job, [admin_call(one) for one in await looks.calls(job, None, CALLS_AT_ONCE + 1)])
    return page(request, admin, "admin_job.html", "jobs", context)


@router.get("/now")
async def now(request: Request, job: AnyJob, backend: TheBackend, admin: TheAdmin) -> Response:
    """How it stands."""
    return page(request, admin, "admin_job_now.html", "jobs", await _now(request, backend, job))


@router.get("/pages")
async def pages(
    request: Request,
    job: AnyJob,
    backend: TheBackend,
    admin: TheAdmin,
    failed: Annotated[bool, Query()] = False,
    cursor: Cursor = None,
) -> Response:
    """Some of its pages."""
    found = await Inspections(backend.database).pages(job, number(cursor) or 0, PAGES_AT_ONCE + 1, failed=failed)
    context = _pages_part(job, [admin_page(one) for one in found], failed)
    return page(request, admin, "admin_job_pages.html", "jobs", context)


@router.get("/calls")
async def calls(request: Request, job: AnyJob, backend: TheBackend, admin: TheAdmin, cursor: Cursor = None) -> Response:
    """Some of its calls."""
    found = await Inspections(backend.database).calls(job, part_after(cursor), CALLS_AT_ONCE + 1)
    return page(request, admin, "admin_job_calls.html", "jobs", _calls_part(job, [admin_call(one) for one in found]))


async def _now(request: Request, backend: TheBackend, job: JobRow) -> dict[str, Any]:
    looks, moment = Inspections(backend.database), utcnow()
    standing = await statuses(request).of(job.owner_id, job.job_id)
    row = standing.progress.job
    found = admin_job(standing, await looks.causes(row), await looks.call_sums(row), backend.temporal_ui())
    state = state_of(row)
    ended = found.job.finishedAt or moment
    newest = await backend.jobs.newest_of(row.owner_id, row.book_id)
    later = newest if newest.generation > row.generation else None
    took = None if found.job.startedAt is None else (ended - found.job.startedAt).total_seconds()
    return {
        "job": found.job,
        "found": found,
        "kind": KINDS[row.kind],
        "said": STATES[state],
        "open": not row.state.closed,
        "edition": job_edition(row),
        "acts": [] if later else _acts(row),
        "later": later,
        "stages": [
            (
                stage,
                STAGES[stage.name],
                _took(stage.startedAt, stage.completedAt or (None if row.state.closed else moment)),
            )
            for stage in found.job.stages
        ],
        "tones": _TONES,
        "took": lasting(took),
        "came": ago(found.job.createdAt, moment),
        "money": money,
        "lasting": lasting,
        "as_of": moment,
    }


def _acts(job: JobRow) -> list[Act]:
    questions = {BulkVerb.CANCEL: "Stop this job? What was made is kept, and it can be gone on with later."}
    able = [verb for verb in CAN[state_of(job)] if verb is not BulkVerb.RETRY or job.wants_more]
    return [Act(verb, *VERBS[verb], questions.get(verb, "")) for verb in able]


def _took(began: Any, ended: Any) -> str:
    return "" if began is None or ended is None else lasting((ended - began).total_seconds())


def _pages_part(job: JobRow, found: list[Any], failed: bool) -> dict[str, Any]:
    shown = found[:PAGES_AT_ONCE]
    more = None
    if len(found) > len(shown):
        part = {"cursor": cursor_of((job.created_at, str(shown[-1].page)))} | ({"failed": "true"} if failed else {})
        more = f"/admin/jobs/{job.number}/pages?{urlencode(part)}"
    here = f"/admin/jobs/{job.number}/pages"
    return {"pages": shown, "more_pages": more, "failed": failed, "here": here, "tones": _TONES, "money": money}


def _calls_part(job: JobRow, found: list[Any]) -> dict[str, Any]:
    shown = found[:CALLS_AT_ONCE]
    more = None
    if len(found) > len(shown):
        after = cursor_of((shown[-1].at, f"{shown[-1].callId}.{shown[-1].attempt}"))
        more = f"/admin/jobs/{job.number}/calls?{urlencode({'cursor': after})}"
    return {"calls": shown, "more_calls": more, "tones": _TONES, "money": money, "lasting": lasting}
