"""The shelf: the list of books, one book, its deletion, and the voices that there are."""

import asyncio
import time

from fastapi import APIRouter, Request, Response

from api.deps import Backend, BookName, TheActor, TheBackend, TheBook, TheCaller
from api.files.editions import offered
from api.jobs.states import book_state
from api.orders.ordering import steering
from api.schemas.problems import Problem
from api.schemas.shelf import BookAnswer, BookDetails, BookList
from api.wire.answers import UNCHANGED, json_answer
from api.wire.cursors import Cursor, Limit, number, part
from bookwright.contracts.access import Actor
from bookwright.contracts.errors import Conflict, ServiceUnavailable
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.store.books.standing import BookFacts

PATIENCE_S = 10.0
"""How long a deletion waits for the book's jobs to end; cancelling takes about a second."""
LATER_S = 5
_LOOK_S = 0.1
router = APIRouter(prefix="/api", tags=["books"])


@router.get("/books", operation_id="listBooks", responses={422: {"model": Problem}})
async def books(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: TheCaller,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BookList:
    """The caller's books, newest first."""
    found = await backend.shelf.books(caller.owner, limit + 1, number(cursor))
    shown, more = part(request, response, found, limit, lambda book: (book.created_at, str(book.number)))
    return BookList(books=tuple(BookAnswer(**_answer(book)) for book in shown), next_cursor=more)


@router.get(
    "/books/{book}",
    operation_id="getBook",
    response_model=BookDetails,
    responses={404: {"model": Problem}, **UNCHANGED},
)
async def book(request: Request, name: BookName, backend: TheBackend, caller: TheCaller) -> Response:
    """A book by its number or its id: its newest job, and the editions that can be downloaded by now."""
    found = await backend.shelf.facts(caller.owner, name)
    editions = await offered(backend, caller, found)
    body = BookDetails(**_answer(found), editions=editions, reader_url=f"/read/{found.number}")
    return json_answer(request, body, exclude_none=False)


@router.delete(
    "/books/{book}",
    operation_id="deleteBook",
    status_code=204,
    responses={
        202: {"description": "Its jobs are being cancelled; ask again."},
        404: {"model": Problem},
        503: {"model": Problem, "description": "A job of it runs, and Temporal is away."},
    },
)
async def delete(book: TheBook, backend: TheBackend, caller: TheCaller, actor: TheActor) -> Response:
    """Cancel what runs for the book, and drop it with its files and everything made for it that no other book uses.
    What its calls have cost stays on record."""
    if await remove_book(backend, caller.owner, book.book_id, actor):
        return Response(status_code=204)
    return Response(status_code=202, headers={"Location": f"/api/books/{book.number}", "Retry-After": str(LATER_S)})


async def remove_book(backend: Backend, owner: OwnerId, book: BookId, actor: Actor) -> bool:
    """Whether the book is gone; its job has PATIENCE_S to end."""
    desk = steering(backend)
    until, asked = time.monotonic() + PATIENCE_S, False
    while not (job := await backend.jobs.newest_of(owner, book)).state.closed:
        late = time.monotonic() > until
        if not asked:
            try:
                await desk.cancel(job)
                asked = True
            except Conflict:  # it has ended just now
                pass
            except ServiceUnavailable:  # Temporal is away, or the job is just being started
                if late:
                    raise
        elif late:
            return False
        await asyncio.sleep(_LOOK_S)
    while not await backend.removal.remove(owner, book, actor=actor):  # answers to its last calls are still to come
        if time.monotonic() > until:
            return False
        await asyncio.sleep(_LOOK_S)
    return True


def _answer(book: BookFacts) -> dict[str, object]:
    return {
        "book_id": book.book_id,
        "number": book.number,
        "title": book.title,
        "author": book.author,
        "language": book.language,
        "voice": book.voice,
        "status": book_state(book.state),
        "warning": book.warning,
        "reason": book.reason,
        "total_pages": book.pages or None,
        "chapters": book.chapters,
        "words": book.words,
        "created_at": book.created_at,
        "last_updated": book.updated_at,
        "job_id": book.job_id,
        "job_number": book.job_number,
        "job_state": book.state,
    }
