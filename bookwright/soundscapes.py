"""Soundscapes for a book that is there: ordering them, and what became of them. The command line and the API share
this."""

from decimal import Decimal

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import BadInput, Conflict
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import WITH_AMBIENCE, Edition, ExistingBook, Track
from bookwright.contracts.scenes import ProcessingError, SoundscapeFigures
from bookwright.steering import Steering
from bookwright.store import BookStore, JobRow, JobStore
from bookwright.store.books.shelf import Shelf
from bookwright.store.scenes.store import SceneStore

PRIORITY = 5


class SoundscapeReport(Payload):
    """What became of a book's soundscapes by the end of a job."""

    job: JobRow
    figures: SoundscapeFigures
    errors: tuple[ProcessingError, ...]
    seconds: float

    @property
    def error_count(self) -> int:
        """Spreads that failed."""
        return self.figures.spreads - self.figures.processed


class SoundscapeOrders:
    """Orders soundscapes, and reports on them."""

    def __init__(self, shelf: Shelf, books: BookStore, jobs: JobStore, scenes: SceneStore, steering: Steering) -> None:
        self._shelf = shelf
        self._books = books
        self._jobs = jobs
        self._scenes = scenes
        self._steering = steering

    async def order(
        self, owner: OwnerId, name: str, *, priority: int = PRIORITY, budget_usd: Decimal | None = None
    ) -> JobRow:
        """The job that works on the book (by id or number), or a new one that makes the soundscapes that are missing;
        all else the book has is kept. Raises NotFound, or BadInput for a book without pages."""
        book = await self._shelf.book(owner, name)
        while True:
            newest = await self._jobs.newest_of(owner, book.book_id)
            if not newest.state.closed:
                return newest
            if not (await self._shelf.book(owner, book.book_id)).pages:
                raise BadInput("the book has no pages: its text was never read", field="bookId")
            try:
                return await self._steering.order_next(
                    newest,
                    source=ExistingBook(),
                    tracks=(Track.SOUNDSCAPE,),
                    then=(),
                    editions=await self._editions(newest),
                    priority=priority,
                    budget_usd=budget_usd,
                    max_retries=0,
                    review=False,
                )
            except Conflict:
                continue  # somebody else has ordered a job just now

    async def report(self, job: JobRow) -> SoundscapeReport:
        """What became of the soundscapes of the job's book."""
        ended = job.closed_at or (await self._jobs.progress(job.owner_id, job.job_id)).as_of
        return SoundscapeReport(
            job=job,
            figures=await self._scenes.figures(job.owner_id, BookId(job.book_id)),
            errors=tuple(await self._scenes.errors(job.owner_id, BookId(job.book_id), job.job_id)),
            seconds=max(0.0, round((ended - (job.started_at or ended)).total_seconds(), 3)),
        )

    async def _editions(self, newest: JobRow) -> tuple[Edition, ...]:
        """Those of the book's editions that have ambience in them."""
        bound = {file.edition for file in await self._books.files(newest.owner_id, newest.book_id)}
        wanted = (bound | {*newest.order.editions}) & WITH_AMBIENCE
        return tuple(edition for edition in Edition if edition in wanted)
