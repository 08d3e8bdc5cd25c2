"""Taking uploads in: from a scratch file to a job in the outbox, whatever becomes of the connection."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from api.deps import Backend
from api.orders.multipart import Upload
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import DEFAULT_EDITIONS, TRACKS, Edition, Track
from bookwright.estimating import estimate_source
from bookwright.intake import Accepted, Wishes, check_tracks, parse_budget, parse_list
from bookwright.money.estimate import Estimate
from bookwright.store import JobRow
from bookwright.store.books.standing import BookFacts
from bookwright.submission import Submission, estimate, examine, submit

T = TypeVar("T")
EXAMINED_AT_ONCE = 2
"""Files that are looked into at the same time: what bounds memory, whatever comes in."""
FIELDS = ("title", "language", "voice", "author", "tracks", "editions", "style", "budget", "priority", "review")
_FIRST_LOOK_S, _LONGEST_PAUSE_S = 0.05, 1.0


@dataclass(frozen=True)
class Taken:
    """An upload that is in the outbox now, or was there before."""

    job: JobRow
    estimate: Estimate | None
    """Of a text; a document is only read by its job."""


def wishes_of(fields: Mapping[str, str]) -> Wishes:
    """What the form's fields wish; an empty one says nothing. Raises BadInput."""
    if unknown := set(fields) - set(FIELDS):
        name = min(unknown)[:40]
        raise BadInput(f"{name}: there is no such field; there are {', '.join(FIELDS)}", field=name)
    given = {name: value for name, value in fields.items() if value.strip()}
    priority = given.get("priority", "5").strip()
    if not (priority.isascii() and priority.isdigit() and len(priority) < 3 and 1 <= int(priority) <= 10):
        raise BadInput("priority: give a number from 1, which is served first, to 10", field="priority")
    if (review := given.get("review", "false").strip()) not in ("true", "false"):
        raise BadInput("review: give true or false", field="review")
    return Wishes(
        title=given.get("title"),
        author=given.get("author"),
        language=given.get("language"),
        voice=given.get("voice"),
        tracks=parse_list(given["tracks"], TRACKS, "tracks") if "tracks" in given else (Track.NARRATION,),
        editions=parse_list(given["editions"], Edition, "editions") if "editions" in given else DEFAULT_EDITIONS,
        budget_usd=parse_budget(given.get("budget")),
        priority=int(priority),
        style=_style(given.get("style")),
        review=review == "true",
    )


def _style(text: str | None) -> PictureStyle:
    try:
        return PictureStyle(text.strip()) if text else PictureStyle.ARTISTIC
    except ValueError:
        raise BadInput(f"style: choose from {', '.join(PictureStyle)}", field="style") from None


class Taking:
    """Examines and takes in. One for each application."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._turns = asyncio.Semaphore(EXAMINED_AT_ONCE)
        self._under_way: set[asyncio.Task[Any]] = set()

    def run(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Do this to its end though nobody waits for it any more; whoever waits shields it."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits gets it; nobody may be left

    async def estimate(self, upload: Upload, wishes: Wishes) -> Estimate:
        """What a book from the upload would take. Raises BadInput."""
        backend = self._backend
        check_tracks(wishes.tracks, backend.lacking)
        submission = Submission(upload.path, upload.name, wishes, upload.declared)
        return await self._examined(lambda: estimate(submission, backend.documents, backend.makers))

    async def take(self, upload: Upload, wishes: Wishes, owner: OwnerId) -> Taken:
        """Examine the upload, store it and take its order in; its file is gone after this. Raises BadInput."""
        backend = self._backend
        try:
            check_tracks(wishes.tracks, backend.lacking)
            submission = Submission(upload.path, upload.name, wishes, upload.declared)

            def look() -> tuple[Accepted, Estimate | None]:
                sees = backend.makers.vision is not None
                accepted = examine(submission, backend.engine, backend.documents, owner, sees=sees)
                if accepted.source is None:
                    return accepted, None
                expected = estimate_source(accepted.source, accepted.language, accepted.order.tracks, backend.makers)
                return accepted, expected

            accepted, expected = await self._examined(look)
            job = await submit(submission, accepted, backend.jobs, backend.assets)
            return Taken(job, expected)
        finally:
            upload.path.unlink(missing_ok=True)

    async def _examined(self, work: Callable[[], T]) -> T:
        async with self._turns:
            return await asyncio.to_thread(work)

    async def read(self, owner: OwnerId, job: JobRow, patience_s: float) -> BookFacts | None:
        """The book once its text was read; None when that takes longer. Raises BadInput when it can't be read,
        NotFound when somebody has deleted it."""
        until, pause = time.monotonic() + patience_s, _FIRST_LOOK_S
        while True:
            book = await self._backend.shelf.facts(owner, job.book_id)
            if book.read_at is not None:
                return book
            if book.state.closed:
                raise BadInput(book.reason or "the job was cancelled before the text was read", field="file")
            if time.monotonic() + pause > until:
                return None
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
