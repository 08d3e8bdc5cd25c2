"""Changing a page: another text, another take, and back to an earlier version."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.deps import Backend, TheBackend, TheBook, TheCaller, counted
from api.orders.ordering import accepted, steering
from api.routes.jobs import statuses
from api.routes.pages import page_answer
from api.schemas.jobs import JobAccepted, PageChange, PageVersionAnswer, PageVersionList, RedoOrder
from api.schemas.problems import Problem
from api.schemas.reader import ReaderPageText
from api.wire.answers import check_match
from api.wire.idempotency import IDEMPOTENT, TheOnce
from bookwright.contracts.errors import Conflict
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.store.books.versions import PageVersions

router = APIRouter(prefix="/api/books/{book}/pages/{number}", tags=["pages"])
RESPONSES: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem},
    409: {"model": Problem, "description": "The book is being made."},
    412: {"model": Problem, "description": "If-Match names an older version of the page."},
    422: {"model": Problem},
}


@router.patch("", operation_id="editPage", response_model=ReaderPageText, responses=RESPONSES)
async def edit(
    request: Request, number: str, change: PageChange, book: TheBook, backend: TheBackend, caller: TheCaller
) -> Response:
    """Give a page another text. The old one is kept as a version; the book's next job narrates the page anew and
    binds what has changed. Not while a job makes the book, unless that waits for approval."""
    page = counted(number, "page")
    seen = await _seen(request, backend, caller.owner, book.book_id, page)
    await PageVersions(backend.database).edit(caller.owner, book.book_id, {page: change.text}, {page: seen})
    return await page_answer(request, backend, caller, book, page)


@router.post(
    "/redo", operation_id="redoPage", status_code=202, response_model=JobAccepted, responses=RESPONSES | IDEMPOTENT
)
async def redo(
    request: Request,
    number: str,
    order: RedoOrder,
    book: TheBook,
    once: TheOnce,
    backend: TheBackend,
    caller: TheCaller,
) -> Response:
    """Make one track of a page anew, in the book's next job; several redos may share one that has not begun. How the
    page was spoken is kept as a version. A voice that always speaks alike gives the same again. An ambient sound is
    made anew for all pages that share it."""

    async def work() -> Response:
        page = counted(number, "page")
        seen = await _seen(request, backend, caller.owner, book.book_id, page)
        track = Track(order.track)
        if track not in (await backend.jobs.newest_of(caller.owner, book.book_id)).order.tracks:
            raise Conflict(f"the book was ordered without {track}", field="track")
        await PageVersions(backend.database).redo(caller.owner, book.book_id, page, seen, track)
        job = await steering(backend).redo(await backend.jobs.newest_of(caller.owner, book.book_id))
        statuses(request).changed(caller.owner)
        return await accepted(backend, job)

    return await once(work)


@router.get("/versions", operation_id="listPageVersions", responses={404: {"model": Problem}})
async def versions(number: str, book: TheBook, backend: TheBackend, caller: TheCaller) -> PageVersionList:
    """All versions of a page, newest first, to compare."""
    return await _versions(backend, caller.owner, book.book_id, counted(number, "page"))


@router.put("/versions/{version}", operation_id="choosePageVersion", responses=RESPONSES)
async def choose(
    request: Request, number: str, version: str, book: TheBook, backend: TheBackend, caller: TheCaller
) -> PageVersionList:
    """Make a version the page's current one, with its sound if it was spoken. The book's next job binds it."""
    page = counted(number, "page")
    seen = await _seen(request, backend, caller.owner, book.book_id, page)
    wanted = counted(version, "version of the page")
    await PageVersions(backend.database).choose(caller.owner, book.book_id, page, wanted, seen)
    return await _versions(backend, caller.owner, book.book_id, page)


async def _seen(request: Request, backend: Backend, owner: OwnerId, book: BookId, page: int) -> int:
    """The page's current version, which is the one that If-Match names, if it does."""
    now = (await backend.shelf.page(owner, book, page)).version
    check_match(request, str(now))
    return now


async def _versions(backend: Backend, owner: OwnerId, book: BookId, page: int) -> PageVersionList:
    found = await PageVersions(backend.database).versions(owner, book, page)
    return PageVersionList(
        page=page,
        versions=tuple(
            PageVersionAnswer(
                version=version.version,
                current=version.current,
                text=version.text,
                spoken=version.asset is not None,
                duration_ms=version.duration_ms,
                replaced_at=version.replaced_at,
            )
            for version in found
        ),
    )
