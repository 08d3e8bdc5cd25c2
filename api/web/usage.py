"""What somebody has used: money by month, book and day, and the history of their jobs."""

from calendar import monthrange
from datetime import date
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from api.deps import TheBackend, TheCaller
from api.jobs.views import percent
from api.schemas.costs import Month
from api.web.pages import page
from api.web.words import KINDS, Said, ago, money, standing
from api.wire.cursors import Cursor, cursor_of, number
from bookwright.money.usd import to_usd
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.filters import JobFilter
from bookwright.store.ledger.costs import CostKey, Span

JOBS_AT_ONCE = 20
BOOKS = 50
BAR_HEIGHT = 100
router = APIRouter(include_in_schema=False)


class Day(NamedTuple):
    """A day of the month, with what it cost and the height of its bar (0 to BAR_HEIGHT)."""

    name: str
    cost: str
    height: float


class Job(NamedTuple):
    """A job of the history."""

    number: int
    book: int
    title: str
    kind: str
    said: Said
    progress: int
    cost: str
    when: str


@router.get("/usage")
async def usage(
    request: Request, backend: TheBackend, caller: TheCaller, month: Month | None = None, cursor: Cursor = None
) -> Response:
    """One month's spending against its limit, and all jobs."""
    now = utcnow()
    chosen = month or f"{now:%Y-%m}"
    span = Span.month(chosen)
    books = await backend.costs.of_owner(caller.owner, CostKey.BOOK, span, BOOKS)
    days = await backend.costs.of_owner(caller.owner, CostKey.DAY, span, 31)
    limit = await backend.months.of(caller.owner, chosen)
    totals = await backend.statistics.usage(caller.owner)
    found = await backend.lists.of_owner(caller.owner, JobFilter(), number(cursor), JOBS_AT_ONCE)
    last = found.jobs[-1].job if found.cursor is not None else None
    context = {
        "month": chosen,
        "month_name": f"{date.fromisoformat(f'{chosen}-01'):%B %Y}",
        "before": _other_month(chosen, -1),
        "after": _other_month(chosen, 1) if chosen < f"{now:%Y-%m}" else None,
        "cost": money(to_usd(books.total.cost_micros)),
        "saved": money(to_usd(books.total.saved_micros)),
        "reserved": money(to_usd(books.total.reserved_micros)) if books.total.reserved_micros else None,
        "cap": None if limit.cap_micros is None else money(to_usd(limit.cap_micros)),
        "share": min(100, round(100 * limit.committed_micros / limit.cap_micros)) if limit.cap_micros else None,
        "left": None if limit.left_micros is None else money(to_usd(limit.left_micros)),
        "books": [(line.key, line.title, money(to_usd(line.cost_micros)), line.settled) for line in books.lines],
        "days": _days(chosen, {line.key: line.cost_micros for line in days.lines}),
        "spent": books.total.cost_micros > 0,
        "made": totals.books,
        "pages": totals.pages,
        "jobs": [
            Job(
                number=each.job.number,
                book=each.job.book_number,
                title=each.job.title,
                kind=KINDS[each.job.kind],
                said=standing(each.job.state, each.job.paused_reason, each.job.warning),
                progress=percent(each),
                cost=money(to_usd(each.counts.cost_micros)),
                when=ago(each.job.created_at, now),
            )
            for each in found.jobs
        ],
        "more": cursor_of((last.created_at, str(last.number))) if last else None,
    }
    return page(request, caller, "usage.html", "usage", context)


def _other_month(month: str, step: int) -> str:
    year, number = map(int, month.split("-"))
    year, rest = divmod(year * 12 + number - 1 + step, 12)
    return f"{year}-{rest + 1:02}"


def _days(month: str, costs: dict[str, int]) -> list[Day]:
    year, number = map(int, month.split("-"))
    names = [f"{month}-{day:02}" for day in range(1, monthrange(year, number)[1] + 1)]
    highest = max((costs.get(name, 0) for name in names), default=0) or 1
    return [
        Day(name, money(to_usd(costs.get(name, 0))), round(BAR_HEIGHT * costs.get(name, 0) / highest, 1))
        for name in names
    ]
