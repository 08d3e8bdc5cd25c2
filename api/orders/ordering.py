"""The next job of a book that is there: ordered, with what it will take."""

from math import ceil
from typing import Any

from fastapi import Response

from api.deps import Backend
from api.jobs.views import status_name
from api.schemas.jobs import AudioConfig, JobAccepted, JobEstimate
from bookwright.contracts.errors import BadInput, Conflict
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import ExistingBook
from bookwright.money.estimate import estimate_book
from bookwright.money.prices import Unit
from bookwright.steering import Steering
from bookwright.store import JobRow
from bookwright.store.books.remaining import lengths_to_narrate
from bookwright.store.books.shelf import ShelfBook
from bookwright.text.language import normalise_language

LATER_S = 2
"""When to ask for a job's status."""


def steering(backend: Backend) -> Steering:
    """The way to steer jobs."""
    return Steering(backend.jobs, backend.temporal.client)


async def narrate_again(backend: Backend, owner: OwnerId, book: ShelfBook, config: AudioConfig) -> JobRow:
    """Order what is missing of the book's narration, or all of it with another voice. A job that waits or runs with
    just that is the answer. Raises BadInput or Conflict."""
    if not book.pages:
        raise Conflict("the book has no text yet", field="storyId")
    if config.language is not None and normalise_language(config.language) != book.language:
        raise BadInput(f"the book is in {book.language}; books are not translated yet", field="config.language")
    newest = await backend.jobs.newest_of(owner, book.book_id)
    changes: dict[str, Any] = {"source": ExistingBook(), "priority": config.priority, "budget_usd": config.budget}
    if config.voice is not None:
        changes["voice"] = backend.engine.voice(book.language, config.voice).id
    asked = newest.order.model_copy(update=changes)
    if not newest.state.closed and newest.order == asked:
        return newest
    return await steering(backend).order_next(newest, **changes)


async def accepted(backend: Backend, job: JobRow) -> Response:
    """202 for a job of a book that is there: where to ask for it, when, and what it will take."""
    body = JobAccepted(
        jobId=job.job_id,
        storyId=job.book_id,
        status=status_name(job.state),
        estimate=await _estimate(backend, job),
    )
    headers = {"Location": f"/api/jobs/{job.job_id}/status", "Retry-After": str(LATER_S)}
    return Response(body.model_dump_json(), 202, headers, media_type="application/json")


async def _estimate(backend: Backend, job: JobRow) -> JobEstimate:
    book = await backend.shelf.facts(job.owner_id, job.book_id)
    other_voice = job.order.voice is not None and job.order.voice != book.voice
    left = await lengths_to_narrate(backend.database, job.owner_id, job.book_id, all_pages=other_voice)
    engine = backend.engine
    calls = [_calls(length, engine.max_chars) for length in left]
    price = backend.makers.prices.price(engine.provider, engine.model, "speech", {Unit.CHARACTER})
    figures = estimate_book(calls, price)
    return JobEstimate(
        pages=figures.pages,
        calls=figures.calls,
        cost_low_usd=figures.cost_low_usd,
        cost_high_usd=figures.cost_high_usd,
        seconds=figures.seconds,
    )


def _calls(length: int, most: int) -> list[int]:
    """About the calls that a page of this length takes, without reading it."""
    count = max(1, ceil(length / most))
    return [ceil(length / count)] * count
