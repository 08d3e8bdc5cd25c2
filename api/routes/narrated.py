"""A book's narration in the making: status and pages as in section 4, and each page's sound as MP3."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.access.links import link
from api.deps import BookName, TheBackend, TheBook, TheCaller, counted
from api.jobs.states import processing_status, time_remaining
from api.routes.pages import sound_answer
from api.routes.views import reader_page, version
from api.schemas.narrated import (
    BookInPages,
    BookPagesAnswer,
    BookPagesData,
    BookStatusAnswer,
    BookStatusData,
    Fail,
    NarratedPage,
    PageCounts,
)
from api.schemas.problems import Problem
from api.wire.answers import LOOK_AGAIN, RANGES
from bookwright.contracts.access import Caller
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.progress import JobState
from bookwright.store.books.shelf import ShelfPageText
from bookwright.store.books.standing import BookFacts, Standing

PAGE_IDS = 1_000_000
"""A page's id is its book's number times this, plus its own."""
_FILE = re.compile(r"page_(\d{4,7})\.mp3")

router = APIRouter(prefix="/api/books/{book}", tags=["narration"])


async def page_file(file: str) -> int:
    """The page's number in a file's name. Raises NotFound."""
    if not (named := _FILE.fullmatch(file)):
        raise NotFound("the book has no such page")
    return counted(named[1], "page")


@router.get("/status/", operation_id="getBookStatus", response_model=BookStatusAnswer, responses={404: {"model": Fail}})
async def status(name: BookName, backend: TheBackend, caller: TheCaller) -> BookStatusAnswer:
    """How the book stands: pages, sound, and how long it will take by how fast it went lately."""
    return BookStatusAnswer(data=_status(await backend.shelf.standing(caller.owner, name, backend.engine.provider)))


@router.get("/pages/", operation_id="getBookPages", response_model=BookPagesAnswer, responses={404: {"model": Fail}})
async def pages(name: BookName, backend: TheBackend, caller: TheCaller) -> BookPagesAnswer:
    """The book's pages with their text, and the sound of those that can be heard."""
    book = await backend.shelf.facts(caller.owner, name)
    texts = await backend.shelf.texts(caller.owner, book.book_id, 1, max(book.pages, 1))
    about = BookInPages(
        id=book.number,
        title=book.title,
        total_pages=book.pages or None,
        processing_status=processing_status(book.state),
    )
    return BookPagesAnswer(data=BookPagesData(book=about, pages=tuple(_page(book, page, caller) for page in texts)))


@router.get(
    "/audio/{file}",
    operation_id="hearPageAsMp3",
    response_class=Response,
    responses={
        200: {"description": "The sound.", "content": {"audio/mpeg": {}}},
        307: {"description": "It is delivered from the address in Location."},
        404: {"model": Problem},
        **RANGES,
    },
)
@router.head("/audio/{file}", include_in_schema=False)
async def sound(
    request: Request,
    book: TheBook,
    backend: TheBackend,
    caller: TheCaller,
    number: Annotated[int, Depends(page_file)],
    v: str = "",
) -> Response:
    """A page's sound, `page_0001.mp3`, whole or in ranges. With the version `v` from `audio_url` it may be kept for
    ever."""
    page = await backend.shelf.page(caller.owner, book.book_id, number)
    if page.heard and backend.delivered:
        if address := await backend.delivered.page_audio(caller.owner, book, number, page.heard):
            return RedirectResponse(address, 307, {"Cache-Control": LOOK_AGAIN})
    return await sound_answer(request, page, backend.mp3s, v, ".mp3")


def _status(standing: Standing) -> BookStatusData:
    book, count = standing.book, standing.pages
    heard, failed = count.get(TrackState.COMPLETED, 0), count.get(TrackState.FAILED, 0)
    left = standing.narrating.left
    finished = book.state is JobState.DONE
    progress = 100 if finished else min(99, 100 * (heard + failed) // max(1, book.pages))
    return BookStatusData(
        book_id=book.number,
        title=book.title,
        processing_status=processing_status(book.state),
        processing_progress=progress,
        total_pages=book.pages or None,
        pages_status=PageCounts(
            pending=count.get(TrackState.PENDING, 0),
            processing=count.get(TrackState.PROCESSING, 0),
            completed=heard,
            failed=failed,
        ),
        audio_ready=heard > 0 and left == 0,
        pages_with_audio=heard,
        estimated_time_remaining=time_remaining(standing, datetime.now(UTC)),
        created_at=book.created_at,
        last_updated=book.updated_at,
        warning=book.warning,
        error=book.reason,
    )


def _page(book: BookFacts, page: ShelfPageText, caller: Caller) -> NarratedPage:
    url = None
    if page.heard:
        path = f"/api/books/{book.number}/audio/page_{page.number:04d}.mp3"
        url = link(caller, f"{path}?v={version(page.heard)}")
    return NarratedPage(
        id=book.number * PAGE_IDS + page.number,
        page_number=page.number,
        text_content=page.text,
        audio_url=url,
        audio_duration=round(page.duration_ms / 1000) if page.heard else None,
        processing_status=page.state,
        error=page.error,
        image_url=reader_page(book.book_id, page, caller).image_url,
        made_by=page.made_by,
        stand_in=page.stand_in,
        source=page.source,
    )
