"""A book: what the reader shows of it, its cover and its files."""

import asyncio
import hashlib

from fastapi import APIRouter, Request, Response

from api.deps import BookName, TheBackend, TheBook, TheCaller, counted
from api.files.bundle import download_bundle
from api.files.editions import MISSING, download, download_zip
from api.routes.views import reader_book
from api.schemas.problems import Problem
from api.schemas.reader import ReaderBook
from api.wire.answers import LOOK_AGAIN, RANGES, UNCHANGED, json_answer, unchanged
from bookwright.contracts.orders import Edition
from bookwright.contracts.spreads import Plate

_ZIPS = {f"{edition}.zip": edition for edition in Edition if edition.by_chapter}
_FILE = {
    "description": "The file.",
    "headers": {MISSING: {"description": "The pages that it lacks, if any.", "schema": {"type": "string"}}},
    "content": {
        "application/pdf": {},
        "application/epub+zip": {},
        "application/zip": {},
        "audio/mp4": {},
        "audio/mpeg": {},
    },
}
router = APIRouter(prefix="/api/books/{book}", tags=["books"], responses={404: {"model": Problem}})


@router.get("/reader", operation_id="readBook", response_model=ReaderBook, responses=UNCHANGED)
async def reader(request: Request, name: BookName, backend: TheBackend, caller: TheCaller) -> Response:
    """The book, its chapters, where each page stands, and its files. Ask again while it is not `closed`."""
    overview = await backend.shelf.overview(caller.owner, name)
    files = await backend.books.files(caller.owner, overview.book.book_id)
    return json_answer(request, reader_book(overview, files, caller))


@router.get(
    "/cover",
    operation_id="getCover",
    response_class=Response,
    responses={200: {"description": "The picture.", "content": {"image/jpeg": {}}}, **UNCHANGED},
)
async def cover(request: Request, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """The cover as a square JPEG: the book's first picture with its title, or a drawn one while it has none."""
    banner = await backend.shelf.banner(caller.owner, book.book_id)
    wanted = repr((book.title, book.author, book.language, banner))
    etag = f'"{hashlib.sha256(wanted.encode()).hexdigest()[:32]}"'
    if same := unchanged(request, etag, LOOK_AGAIN):
        return same
    picture = None
    if banner:
        plate = Plate.model_validate_json(await backend.assets.get(banner))
        picture = await backend.assets.get(plate.picture)
    data = await asyncio.to_thread(request.app.state.cover, book.title, book.author, book.language, picture)
    return Response(data, media_type="image/jpeg", headers={"ETag": etag, "Cache-Control": LOOK_AGAIN})


@router.get(
    "/editions/{edition}",
    operation_id="downloadEdition",
    response_class=Response,
    responses={200: _FILE, **RANGES},
)
@router.head("/editions/{edition}", include_in_schema=False)
async def edition(request: Request, edition: str, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """An edition: `pdf`, `epub`, `m4b`, the chapters' files as `mp3.zip` or `acx.zip`, or all that there is by now as
    `bundle.zip`, with a manifest of what is missing; whole or in ranges."""
    if by_chapter := _ZIPS.get(edition):
        return await download_zip(request, backend, caller.owner, book.book_id, book.title, by_chapter)
    if edition == "bundle.zip":
        return await download_bundle(request, backend, caller.owner, book.book_id)
    return await download(request, backend, caller.owner, book.book_id, edition, None)


@router.get(
    "/editions/{edition}/{chapter}",
    operation_id="downloadChapter",
    response_class=Response,
    responses={200: _FILE, **RANGES},
)
@router.head("/editions/{edition}/{chapter}", include_in_schema=False)
async def edition_chapter(
    request: Request, edition: str, chapter: str, book: TheBook, backend: TheBackend, caller: TheCaller
) -> Response:
    """The file of one chapter, `mp3` or `acx`, whole or in ranges."""
    return await download(request, backend, caller.owner, book.book_id, edition, counted(chapter, "chapter"))
