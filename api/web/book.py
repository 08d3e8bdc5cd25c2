"""A book's page: how it is made, while it is made, and what there is of it."""

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Request, Response

from api.deps import Backend, BookName, TheBackend, TheCaller
from api.files.editions import offered, runs
from api.jobs.states import time_remaining
from api.jobs.views import job_status
from api.routes.jobs import statuses
from api.routes.views import reader_page
from api.schemas.jobs import JobStage
from api.schemas.reader import ReaderPage
from api.web.pages import page
from api.web.words import EDITIONS, STAGES, Said, ago, money, size, standing
from bookwright.contracts.access import Caller
from bookwright.contracts.book import TrackState
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import BookOrder, Edition, Track
from bookwright.contracts.ports.writings import Part
from bookwright.contracts.progress import AWAITING_APPROVAL, JobState
from bookwright.contracts.stories import Brief
from bookwright.store.books.shelf import ShelfPageText
from bookwright.store.books.standing import BookFacts
from bookwright.store.database.columns import utcnow
from bookwright.store.stories.store import WritingStore
from bookwright.text.direction import direction

PAGES_AT_ONCE = 48
"""Cards that are shown before somebody scrolls on."""
SNIPPET = 220
"""Characters of a page's text on its card."""
router = APIRouter(include_in_schema=False)


class Card(NamedTuple):
    """A page on the book's page."""

    page: ReaderPage
    text: str
    said: Said


class File(NamedTuple):
    """An edition to download; `lacks` names the pages that it is without."""

    name: str
    hint: str
    url: str
    size: str
    lacks: str


class StageShown(NamedTuple):
    """A stage in words."""

    text: str
    state: str
    progress: int
    detail: str


@router.get("/books/{book}")
async def book_page(request: Request, name: BookName, backend: TheBackend, caller: TheCaller) -> Response:
    """The book's page."""
    facts = await backend.shelf.facts(caller.owner, name)
    context = await _now(request, backend, caller, facts)
    context |= await _cards(backend, caller, facts, 1, PAGES_AT_ONCE)
    return page(request, caller, "book.html", "shelf", context)


@router.get("/books/{book}/now")
async def now(request: Request, name: BookName, backend: TheBackend, caller: TheCaller) -> Response:
    """How it stands, for a book's page that is open."""
    facts = await backend.shelf.facts(caller.owner, name)
    return page(request, caller, "book_now.html", "shelf", await _now(request, backend, caller, facts))


@router.get("/books/{book}/cards")
async def cards(
    request: Request,
    name: BookName,
    backend: TheBackend,
    caller: TheCaller,
    first: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
    last: Annotated[int, Query(ge=1, le=10_000_000)] = PAGES_AT_ONCE,
    swap: bool = False,
) -> Response:
    """Some of its pages: to go on with, or, to `swap`, in place of those that are shown."""
    facts = await backend.shelf.facts(caller.owner, name)
    last = min(last, first + PAGES_AT_ONCE - 1)
    context = await _cards(backend, caller, facts, first, last)
    return page(request, caller, "book_cards.html", "shelf", context | {"swap": swap})


async def _now(request: Request, backend: Backend, caller: Caller, facts: BookFacts) -> dict[str, Any]:
    found = await statuses(request).of(caller.owner, facts.job_id)
    job = found.progress.job
    status = job_status(found.progress, found.live, found.files, caller, found.minutes)
    state = found.live.state if found.live and not job.state.closed else job.state
    review = state is JobState.PAUSED and status.paused_reason == AWAITING_APPROVAL
    left = None
    if not state.closed:
        left = time_remaining(
            await backend.shelf.standing(caller.owner, facts.book_id, backend.engine.provider), utcnow()
        )
    editions = await offered(backend, caller, facts)
    return {
        "book": facts,
        "title": _title(facts, job.order),
        "direction": direction(facts.language or "und"),
        "job": job,
        "state": str(state),
        "open": not state.closed,
        "said": standing(state, status.paused_reason, job.warning),
        "reason": None if review else status.paused_reason or status.error or job.warning,
        "progress": status.progress,
        "stages": [_stage(stage) for stage in status.stages],
        "left": left,
        "cost": money(status.cost),
        "reserved": _something(status.reserved),
        "saved": _something(status.saved),
        "cap": None if job.order.budget_usd is None else money(str(job.order.budget_usd)),
        "review": review,
        "sheet": await _sheet(backend, caller.owner, facts) if review and not facts.pages else None,
        "over": state is JobState.PAUSED and "of this order is used up" in (status.paused_reason or ""),
        "lacking": state.closed and bool(await backend.jobs.lacking(caller.owner, facts.book_id)),
        "editions": [File(*_named(one.edition), one.url, size(one.bytes), runs(one.missing_pages)) for one in editions],
        "podcast": any(one.edition == "mp3.zip" for one in editions),
        "addable": await _addable(backend, caller.owner, facts, state),
        "updated": ago(facts.updated_at, utcnow()),
        "version": int(facts.updated_at.timestamp()),
    }


def _title(facts: BookFacts, order: BookOrder) -> str:
    """The book's title; of a story that is yet to get one, whom it is about."""
    if not facts.pages and isinstance(order.source, Brief):
        return f"A story about {order.source.character_name}"
    return facts.title


def _stage(stage: JobStage) -> StageShown:
    counted = f"{stage.done} of {stage.total}" if stage.total > 1 else ""
    failed = f"{stage.failed} not made" if stage.failed else ""
    return StageShown(
        STAGES[stage.name], str(stage.status), stage.progress, " · ".join(part for part in (counted, failed) if part)
    )


def _something(usd: str | None) -> str | None:
    return money(usd) if usd and float(usd) else None


def _named(edition: str) -> tuple[str, str]:
    """What an edition is called; `mp3.zip` is that of `mp3`."""
    return EDITIONS[Edition(edition.removesuffix(".zip"))]


async def _sheet(backend: Backend, owner: OwnerId, facts: BookFacts) -> CharacterSheet | None:
    """How the characters look, for whoever is to approve it."""
    parts = await WritingStore(backend.database, backend.assets).parts(owner, facts.book_id)
    kept = parts.get(Part.SHEET)
    return CharacterSheet.model_validate_json(await backend.assets.get(kept.asset)) if kept else None


async def _addable(backend: Backend, owner: OwnerId, facts: BookFacts, state: JobState) -> list[str]:
    """The tracks that the book was never ordered with and could have."""
    if not state.closed or not facts.pages:
        return []
    wanted = [track for track in (Track.NARRATION, Track.ILLUSTRATIONS) if track not in backend.lacking]
    return [str(track) for track in wanted if await backend.jobs.newest_with(owner, facts.book_id, track) is None]


async def _cards(backend: Backend, caller: Caller, facts: BookFacts, first: int, last: int) -> dict[str, Any]:
    shown = await backend.shelf.texts(caller.owner, facts.book_id, first, last) if facts.pages else []
    return {
        "book": facts,
        "direction": direction(facts.language or "und"),
        "cards": [_card(caller, facts, one) for one in shown],
        "next": last + 1 if last < facts.pages else None,
        "swap": False,
    }


def _card(caller: Caller, facts: BookFacts, shown: ShelfPageText) -> Card:
    found = reader_page(facts.book_id, shown, caller)
    states = {found.state, found.image_state, found.ambience_state}
    text = " ".join(shown.text[: 2 * SNIPPET].split())
    snippet = text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + " …"
    if TrackState.PROCESSING in states:
        said = Said("Being made", "busy")
    elif TrackState.FAILED in states:
        said = Said("Parts missing", "bad")
    elif TrackState.PENDING in states:
        said = Said("To come")
    else:
        said = Said("")
    return Card(found, snippet, said)
