"""A book: what the reader shows of it, its cover and its files."""

import asyncio
import hashlib

from fastapi import APIRouter, Request, Response

from api.answers import LOOK_AGAIN, file_answer, json_answer, unchanged
from api.deps import BookName, TheBackend, TheBook, TheCaller, counted
from api.routes.views import reader_book
from api.schemas.problems import Problem
from api.schemas.reader import ReaderBook
from bookwright.contracts.errors import NotFound
from bookwright.store.shelf import ShelfBook

router = APIRouter(prefix="/api/books/{book}", tags=["books"], responses={404: {"model": Problem}})


@router.get("/reader", operation_id="readBook", response_model=ReaderBook)
async def reader(request: Request, name: BookName, backend: TheBackend, caller: TheCaller) -> Response:
    """The book, its chapters, where each page stands, and its files. Ask again while it is not `closed`."""
    overview = await backend.shelf.overview(caller.owner, name)
    files = await backend.books.files(caller.owner, overview.book.book_id)
    return json_answer(request, reader_book(overview, files, caller))


@router.get("/cover", operation_id="getCover", response_class=Response)
async def cover(request: Request, book: TheBook) -> Response:
    """The cover as a square JPEG."""
    wanted = repr((book.title, book.author, book.language))
    etag = f'"{hashlib.sha256(wanted.encode()).hexdigest()[:32]}"'
    if same := unchanged(request, etag, LOOK_AGAIN):
        return same
    data = await asyncio.to_thread(request.app.state.cover, book.title, book.author, book.language)
    return Response(data, media_type="image/jpeg", headers={"ETag": etag, "Cache-Control": LOOK_AGAIN})


@router.get("/editions/{edition}", operation_id="downloadEdition", response_class=Response)
@router.head("/editions/{edition}", include_in_schema=False)
async def edition(request: Request, edition: str, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """The file of an edition of the whole book, whole or in ranges."""
    return await _download(request, backend, caller, book, edition, None)


@router.get("/editions/{edition}/{chapter}", operation_id="downloadChapter", response_class=Response)
@router.head("/editions/{edition}/{chapter}", include_in_schema=False)
async def edition_chapter(
    request: Request, edition: str, chapter: str, book: TheBook, backend: TheBackend, caller: TheCaller
) -> Response:
    """The file of one chapter, whole or in ranges."""
    return await _download(request, backend, caller, book, edition, counted(chapter, "chapter"))


async def _download(
    request: Request, backend: TheBackend, caller: TheCaller, book: ShelfBook, edition: str, chapter: int | None
) -> Response:
    for file in await backend.books.files(caller.owner, book.book_id):
        if (file.edition.value, file.chapter) == (edition, chapter):
            return file_answer(
                request,
                backend.assets.path(file.asset),
                media_type=file.media_type,
                etag=f'"{file.asset}"',
                cache=LOOK_AGAIN,
                name=file.name,
            )
    raise NotFound("the book has no such file")
