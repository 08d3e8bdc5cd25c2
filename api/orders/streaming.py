"""An upload that is told of while it comes: from its first byte to the book that waits to be narrated."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import groupby
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.deps import Backend
from api.orders.multipart import Upload, receive
from api.orders.taking import Taking, wishes_of
from api.schemas.narrated import Uploaded
from bookwright.contracts.errors import BadInput, BookwrightError
from bookwright.contracts.ids import OwnerId
from bookwright.intake import Wishes, check_kind
from bookwright.store import JobRow
from bookwright.store.books.standing import BookFacts

SSE = "text/event-stream"
BEAT_S = 10.0
"""A stream in which nothing happens says so this often, so that nobody on the way closes it."""
PREVIEW = 120
"""Code points of a page that an event carries."""
MESSAGE = "Upload completed! Audio generation is running in background."
_PAGES_AT_ONCE = 100
_FIRST_LOOK_S, _LONGEST_PAUSE_S = 0.05, 0.25
_BEAT = b": still at it\n\n"
_STATUSES = {408: "nothing came for a minute", 413: "the file is too large: split it"}


class Incoming:
    """An upload on its way in, which goes on to its end once it came whole, whoever listens."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        """The file itself has begun to come, and nothing speaks against it so far."""
        self.came: asyncio.Future[Upload] = asyncio.get_running_loop().create_future()

    async def heard(self, upload: Upload) -> None:
        """What has come so far is looked at once, while it can still be refused with a status. Raises BadInput."""
        if not self.began.is_set():
            wishes_of(upload.fields)
            check_kind(upload.name, upload.declared)
            self.began.set()

    async def received(self, request: Request, backend: Backend) -> tuple[Upload, Wishes]:
        """The whole upload. Raises as `multipart.receive` does."""
        upload = await receive(request, backend.assets.scratch(), heard=self.heard)
        try:
            wishes = wishes_of(upload.fields)
        except BadInput:
            upload.path.unlink(missing_ok=True)
            raise
        self.came.set_result(upload)
        return upload, wishes


class UploadStream(StreamingResponse):
    """Events of an upload whose body may still be on its way."""

    def __init__(self, events: AsyncIterator[bytes], whole: asyncio.Event) -> None:
        """`whole` is set when no more of the body is awaited."""
        super().__init__(events, media_type=SSE, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Not as StreamingResponse does it: whoever listens for a client that leaves takes what is left of the body.
        telling = asyncio.create_task(self.stream_response(send))
        leaving = asyncio.create_task(self._left(receive))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
        finally:
            for task in (telling, leaving):
                task.cancel()
            await asyncio.wait({telling, leaving})

    async def _left(self, receive: Receive) -> None:
        await self._whole.wait()
        while (await receive())["type"] != "http.disconnect":
            pass


async def stream_upload(
    request: Request,
    backend: Backend,
    taking: Taking,
    owner: OwnerId,
    take: Callable[[Upload, Wishes], Awaitable[JobRow]],
    patience_s: float,
) -> UploadStream:
    """The answer to an upload that is to be told of. It begins when the file itself does: until then what speaks
    against the upload is raised, and gets a status of its own. `take(upload, wishes)` takes it in; nobody listens any
    more for `patience_s` in which nothing was read."""
    incoming = Incoming()
    whole = asyncio.Event()

    async def take_in() -> JobRow:
        try:
            upload, wishes = await incoming.received(request, backend)
        finally:
            whole.set()
        return await take(upload, wishes)

    taken = taking.run(take_in())
    began = asyncio.create_task(incoming.began.wait())
    await asyncio.wait({taken, began}, return_when=asyncio.FIRST_COMPLETED)
    began.cancel()
    if not incoming.began.is_set():
        taken.result()
    return UploadStream(_events(backend, owner, incoming, taken, patience_s), whole)


async def _events(
    backend: Backend, owner: OwnerId, incoming: Incoming, taken: "asyncio.Task[JobRow]", patience_s: float
) -> AsyncIterator[bytes]:
    """The upload's way. The job does not depend on anybody reading this."""
    yield b": receiving\n\n"
    try:
        came: asyncio.Future[Any] = incoming.came
        async for beat in _until({came, taken}):
            yield beat
        if came.done():
            upload: Upload = came.result()
            yield event("received", {"name": upload.name, "size": upload.size})
        async for beat in _until({taken}):
            yield beat
        job = taken.result()
        async for told in _reading(backend, owner, job, patience_s):
            yield told
        book = await backend.shelf.facts(owner, job.book_id)
        yield event("queued", {"book_id": book.number, "job_id": job.number, "priority": job.priority})
        yield event("completed", uploaded(book).model_dump())
    except BookwrightError as error:
        yield event("error", {"message": str(error)})
    except HTTPException as error:
        yield event("error", {"message": _STATUSES.get(error.status_code, "the upload could not be taken")})


async def _until(some: "set[asyncio.Future[Any]]") -> AsyncIterator[bytes]:
    """Something to say now and then until one of them is done."""
    while not (await asyncio.wait(some, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED))[0]:
        yield _BEAT


async def _reading(backend: Backend, owner: OwnerId, job: JobRow, patience_s: float) -> AsyncIterator[bytes]:
    """Every page as it is read, then the chapters. Raises BadInput when the document can't be read."""
    sent: set[int] = set()
    pause, news_at = _FIRST_LOOK_S, time.monotonic()
    beat_at = news_at + BEAT_S
    while True:
        book = await backend.shelf.facts(owner, job.book_id)
        if book.read_at is None and book.state.closed:
            raise BadInput(book.reason or "the job was cancelled before the text was read", field="file")
        found = [number for number in await backend.shelf.readable(owner, book.book_id) if number not in sent]
        whole = book.read_at is not None
        if found and not book.pages:  # they came between the two looks
            book = await backend.shelf.facts(owner, job.book_id)
        async for told in _pages(backend, owner, book, found):
            yield told
        sent.update(found)
        if whole:
            chapters = await backend.shelf.chapters(owner, book.book_id)
            yield event("chapters", {"chapters": [chapter.model_dump() for chapter in chapters]})
            return
        now = time.monotonic()
        if found:
            pause, news_at, beat_at = _FIRST_LOOK_S, now, now + BEAT_S
        if now + pause - news_at > patience_s:
            return
        if now >= beat_at:
            yield _BEAT
            beat_at = now + BEAT_S
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)


async def _pages(backend: Backend, owner: OwnerId, book: BookFacts, numbers: list[int]) -> AsyncIterator[bytes]:
    for _, group in groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        run = [number for _, number in group]
        for first in range(run[0], run[-1] + 1, _PAGES_AT_ONCE):
            for page in await backend.shelf.texts(owner, book.book_id, first, min(first + _PAGES_AT_ONCE - 1, run[-1])):
                about = {
                    "page_number": page.number,
                    "total_pages": book.pages,
                    "preview": " ".join(page.text[:PREVIEW].split()),
                    "source": page.source,
                }
                yield event("page", about)


def uploaded(book: BookFacts) -> Uploaded:
    """A book that was taken in."""
    return Uploaded(
        book_id=book.number,
        title=book.title,
        total_pages=book.pages or None,
        status_url=f"/api/books/{book.number}/status/",
        message=MESSAGE,
    )


def event(name: str, data: dict[str, Any]) -> bytes:
    """One event, named for EventSource and once more inside, where the clients of old look."""
    return f"event: {name}\ndata: {json.dumps({'event': name, 'data': data}, ensure_ascii=False)}\n\n".encode()
