"""Changing a page: another text, another take, and back to an earlier version."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.deps import Backend, TheBackend, TheBook, TheCaller, counted
from api.files.takes import made_of, track_versions
from api.orders.ordering import accepted, other_text
from api.orders.ordering import redo as make_anew
from api.routes.jobs import statuses
from api.routes.pages import page_answer
from api.schemas.jobs import (
    JobAccepted,
    PageChange,
    PageVersionAnswer,
    PageVersionList,
    RedoOrder,
    TrackVersionList,
)
from api.schemas.problems import Problem
from api.schemas.reader import ReaderPageText
from api.wire.answers import FOR_EVER, RANGES, check_match, file_answer
from api.wire.idempotency import IDEMPOTENT, TheOnce
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.store.books.takes import TrackVersions

WantedTrack = Annotated[Literal["narration", "illustrations", "soundscape"], Query(description="Of what.")]
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
    await backend.versions.edit(caller.owner, book.book_id, {page: change.text}, {page: seen})
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
    """Make one track of a page anew in the book's next job, or get it another text: a page of a story is told in
    another way, one of a PDF is read off its picture, whatever text it has. Several redos may share a job that has not
    begun. How the page was spoken is kept as a version. A voice that always speaks alike gives the same again. An
    ambient sound is made anew for all pages that share it. While a job makes the book the redo of a track, or of a
    PDF's page, is kept, and is done by a job that follows that one; the answer then has the id of the one that is at
    it."""

    async def work() -> Response:
        page = counted(number, "page")
        seen = await _seen(request, backend, caller.owner, book.book_id, page)
        if order.track == "text":
            job = await other_text(backend, caller.owner, book.book_id, page, seen)
        else:
            job = await make_anew(backend, caller.owner, book.book_id, page, seen, Track(order.track))
        statuses(request).changed(caller.owner)
        return await accepted(backend, job)

    return await once(work)


@router.get(
    "/versions",
    operation_id="listPageVersions",
    response_model=PageVersionList | TrackVersionList,
    responses={404: {"model": Problem}},
)
async def versions(
    number: str, book: TheBook, backend: TheBackend, caller: TheCaller, track: WantedTrack = "narration"
) -> PageVersionList | TrackVersionList:
    """All versions of a page, newest first, to compare: of its text and how that was spoken, or of its picture or
    ambient sound."""
    page = counted(number, "page")
    if track == "narration":
        return await _versions(backend, caller.owner, book.book_id, page)
    return await track_versions(backend, caller, book, Track(track), page)


@router.put(
    "/versions/{version}",
    operation_id="choosePageVersion",
    response_model=PageVersionList | TrackVersionList,
    responses=RESPONSES,
)
async def choose(
    request: Request,
    number: str,
    version: str,
    book: TheBook,
    backend: TheBackend,
    caller: TheCaller,
    track: WantedTrack = "narration",
) -> PageVersionList | TrackVersionList:
    """Make a version the page's current one: a text with its sound if it was spoken, or a picture or ambient sound. The
    book's next job binds it."""
    page = counted(number, "page")
    seen = await _seen(request, backend, caller.owner, book.book_id, page)
    wanted = counted(version, "version of the page")
    if track == "narration":
        await backend.versions.choose(caller.owner, book.book_id, page, wanted, seen)
        return await _versions(backend, caller.owner, book.book_id, page)
    store = TrackVersions(backend.database, backend.assets)
    await store.choose(caller.owner, book.book_id, Track(track), page, wanted)
    return await track_versions(backend, caller, book, Track(track), page)


@router.get(
    "/versions/{version}/file",
    operation_id="getPageVersionFile",
    response_class=Response,
    responses={
        200: {
            "description": "The picture, or the sound.",
            "content": {"image/png": {}, "image/jpeg": {}, "image/webp": {}, "audio/wav": {}, "audio/mpeg": {}},
        },
        404: {"model": Problem},
        **RANGES,
    },
)
@router.head("/versions/{version}/file", include_in_schema=False)
async def version_file(
    request: Request,
    number: str,
    version: str,
    book: TheBook,
    backend: TheBackend,
    caller: TheCaller,
    track: Literal["illustrations", "soundscape"] = "illustrations",
) -> Response:
    """A version of a page's picture or ambient sound, whole or in ranges."""
    page, wanted = counted(number, "page"), counted(version, "version of the page")
    store = TrackVersions(backend.database, backend.assets)
    found = await store.versions(caller.owner, book.book_id, Track(track), page)
    chosen = next((one for one in found if one.version == wanted), None)
    if chosen is None:
        raise NotFound("the page has no such version")
    asset, media_type, _ = made_of(Track(track), await backend.assets.get(chosen.asset))
    path = await asyncio.to_thread(backend.assets.path, asset)
    return file_answer(request, path, media_type=media_type, etag=f'"{asset}"', cache=FOR_EVER)


async def _seen(request: Request, backend: Backend, owner: OwnerId, book: BookId, page: int) -> int:
    """The page's current version, which is the one that If-Match names, if it does."""
    now = (await backend.shelf.page(owner, book, page)).version
    check_match(request, str(now))
    return now


async def _versions(backend: Backend, owner: OwnerId, book: BookId, page: int) -> PageVersionList:
    found = await backend.versions.versions(owner, book, page)
    return PageVersionList(
        page=page,
        versions=tuple(
            PageVersionAnswer(
                version=version.version,
                current=version.current,
                text=version.text,
                source=version.source,
                spoken=version.asset is not None,
                duration_ms=version.duration_ms,
                replaced_at=version.replaced_at,
            )
            for version in found
        ),
    )
