"""The shelf: all books of whoever is signed in, with their covers and how they stand."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request, Response

from api.deps import Backend, TheBackend, TheCaller
from api.jobs.views import percent
from api.web.pages import page
from api.web.words import Said, ago, standing
from api.wire.cursors import Cursor, cursor_of, number
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.books.standing import BookFacts
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.filters import JobFilter
from bookwright.text.direction import direction

BOOKS_AT_ONCE = 24
router = APIRouter(include_in_schema=False)
OPEN = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


class View(NamedTuple):
    """A part of the shelf that somebody can ask for."""

    name: str
    text: str
    states: tuple[JobState, ...] | None


VIEWS = (
    View("", "All", None),
    View("making", "Making", OPEN),
    View("ready", "Ready", (JobState.DONE,)),
    View("stopped", "Stopped", (JobState.FAILED, JobState.CANCELLED)),
)


class Spine(NamedTuple):
    """A book as the shelf shows it."""

    book: BookFacts
    said: Said
    progress: int | None
    """Of one in the making, 0 to 100."""
    facts: str
    direction: str


@router.get("/")
async def shelf(
    request: Request,
    backend: TheBackend,
    caller: TheCaller,
    view: str = "",
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Cursor = None,
) -> Response:
    """The shelf; for htmx, its books alone."""
    chosen = next((one for one in VIEWS if one.name == view), VIEWS[0])
    wanted = " ".join(q.split())
    found = await backend.shelf.books(caller.owner, BOOKS_AT_ONCE + 1, number(cursor), states=chosen.states, q=wanted)
    shown = found[:BOOKS_AT_ONCE]
    told = await _progress(backend, caller.owner, shown)
    more = cursor_of((shown[-1].created_at, str(shown[-1].number))) if len(found) > len(shown) else None
    context = {
        "books": [_spine(book, told.get(book.job_id)) for book in shown],
        "views": VIEWS,
        "view": chosen.name,
        "q": wanted,
        "cursor": cursor or "",
        "more": more,
        "moving": any(book.state in OPEN for book in shown),
        "bare": not (shown or wanted or chosen.name or cursor),
    }
    alone = request.headers.get("hx-request") == "true"
    return page(request, caller, "shelf_books.html" if alone else "shelf.html", "shelf", context)


async def _progress(backend: Backend, owner: OwnerId, books: list[BookFacts]) -> dict[JobId, int]:
    """How far the jobs are that are not closed."""
    if not any(book.state in OPEN for book in books):
        return {}
    found = await backend.lists.of_owner(owner, JobFilter(states=OPEN), None, 100)
    return {each.job.job_id: percent(each) for each in found.jobs}


def _spine(book: BookFacts, progress: int | None) -> Spine:
    facts = [f"{book.pages} page{'' if book.pages == 1 else 's'}"] if book.pages else []
    return Spine(
        book=book,
        said=standing(book.state, book.reason, book.warning),
        progress=(progress or 0) if book.state in OPEN else None,
        facts=" · ".join([*facts, ago(book.updated_at, utcnow())]),
        direction=direction(book.language or "und"),
    )
