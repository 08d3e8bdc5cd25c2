"""One page of a book: its text, picture and sound, its versions, and what can be changed."""

from fastapi import APIRouter, Request, Response

from api.deps import TheBackend, TheBook, TheCaller, counted
from api.files.takes import track_versions
from api.routes.views import reader_page
from api.web.pages import page
from api.web.words import TRACKS, ago
from bookwright.contracts.errors import NotFound
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import AWAITING_APPROVAL
from bookwright.contracts.spreads import Plate
from bookwright.store.database.columns import utcnow
from bookwright.text.direction import direction

router = APIRouter(include_in_schema=False)


@router.get("/books/{book}/pages/{number}")
async def book_page(request: Request, number: str, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """The page, whole; for htmx, what changes of it."""
    wanted = counted(number, "page")
    owner = caller.owner
    found = await backend.shelf.page(owner, book.book_id, wanted)
    job = await backend.jobs.newest_of(owner, book.book_id)
    plate = Plate.model_validate_json(await backend.assets.get(found.plate)) if found.plate else None
    texts = await backend.versions.versions(owner, book.book_id, wanted)
    takes = {}
    for track in (Track.ILLUSTRATIONS, Track.SOUNDSCAPE):
        try:
            takes[str(track)] = (await track_versions(backend, caller, book, track, wanted)).versions
        except NotFound:
            takes[str(track)] = ()
    ordered = [track for track in TRACKS if await backend.jobs.newest_with(owner, book.book_id, track)]
    now = utcnow()
    context = {
        "book": book,
        "direction": direction(book.language),
        "number": wanted,
        "page": reader_page(book.book_id, found, caller),
        "text": found.text,
        "version": found.version,
        "alt": plate.alt if plate else "",
        "job": job,
        "open": not job.state.closed,
        "review": job.paused_reason == AWAITING_APPROVAL,
        "editable": job.state.closed or job.paused_reason == AWAITING_APPROVAL,
        "lacking": job.state.closed and bool(await backend.jobs.lacking(owner, book.book_id)),
        "tracks": [(str(track), TRACKS[track]) for track in ordered],
        "texts": [(one, ago(one.replaced_at, now) if one.replaced_at else "") for one in texts],
        "pictures": takes[str(Track.ILLUSTRATIONS)],
        "sounds": takes[str(Track.SOUNDSCAPE)],
    }
    alone = request.headers.get("hx-request") == "true"
    return page(request, caller, "book_page_now.html" if alone else "book_page.html", "shelf", context)
