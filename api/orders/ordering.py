"""The next job of a book that is there: ordered, with what it will take."""

from decimal import Decimal
from typing import Any

from fastapi import Response

from api.deps import Backend
from api.jobs.views import status_name
from api.schemas.joborders import AudioConfig, ImageConfig, JobConfig
from api.schemas.jobs import JobAccepted, JobEstimate
from bookwright.contracts.errors import BadInput, Conflict
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import ExistingBook, Track, editions_with
from bookwright.contracts.ports.writings import Part
from bookwright.contracts.progress import JobState
from bookwright.contracts.stories import PageRewrite
from bookwright.estimating import estimate_pages, estimate_readings, estimate_rewrites
from bookwright.intake import check_tracks
from bookwright.money.usd import to_micros, to_usd
from bookwright.settings import Capability
from bookwright.steering import Steering
from bookwright.store import JobRow
from bookwright.store.books.redos import Redos
from bookwright.store.books.remaining import lengths_to_make
from bookwright.store.books.shelf import ShelfBook
from bookwright.store.stories.store import WritingStore
from bookwright.text.language import normalise_language

LATER_S = 2
"""When to ask for a job's status."""


def steering(backend: Backend) -> Steering:
    """The way to steer jobs."""
    return Steering(backend.jobs, backend.temporal.client)


async def narrate(backend: Backend, owner: OwnerId, book: ShelfBook, config: AudioConfig) -> JobRow:
    """Order what is missing of the book's narration, or all of it with another voice. Raises BadInput or Conflict."""
    if config.language is not None and normalise_language(config.language) != book.language:
        raise BadInput(f"the book is in {book.language}; books are not translated yet", field="config.language")
    changes: dict[str, Any] = {}
    if config.voice is not None and book.language is not None:
        changes["voice"] = backend.engine.voice(book.language, config.voice).id
    return await _make(backend, owner, book, Track.NARRATION, config, changes)


async def illustrate(backend: Backend, owner: OwnerId, book: ShelfBook, config: ImageConfig) -> JobRow:
    """Order what is missing of the book's pictures. Raises BadInput or Conflict."""
    check_tracks([Track.ILLUSTRATIONS], backend.lacking)
    changes = {"style": config.style, "pictures": config.count}
    return await _make(backend, owner, book, Track.ILLUSTRATIONS, config, changes)


async def _make(
    backend: Backend, owner: OwnerId, book: ShelfBook, track: Track, config: JobConfig, changes: dict[str, Any]
) -> JobRow:
    """Order one track of a book. A job that waits or runs with just that is the answer."""
    if not book.pages:
        raise Conflict("the book has no text yet", field="storyId")
    newest = await backend.jobs.newest_of(owner, book.book_id)
    changes |= {
        "source": ExistingBook(),
        "tracks": (track,),
        "then": (),
        "editions": editions_with(newest.order.editions, [track]),
        "priority": config.priority,
        "budget_usd": config.budget,
        "max_retries": config.maxRetries,
        "review": False,
        "review_sheet": False,
    }
    if not newest.state.closed and newest.order == newest.order.model_copy(update=changes):
        return newest
    return await steering(backend).order_next(newest, **changes)


async def other_text(backend: Backend, owner: OwnerId, book: BookId, page: int, version: int) -> JobRow:
    """Order another text for a page, which is at this version: told in another way for a story, read off the page's
    picture for a PDF. Raises Conflict for a book whose text was handed in as such, and for a search-and-find book,
    whose pages go by their pictures; BadInput where nobody is set who reads pages."""
    parts = await WritingStore(backend.database, backend.assets).parts(owner, book)
    if Part.CONFIG in parts and Part.OUTLINE in parts and Part.SEARCH not in parts:
        newest = await backend.jobs.newest_of(owner, book)
        return await steering(backend).rewrite(newest, PageRewrite(page=page, version=version))
    if await backend.books.document(owner, book) is None:
        why = "goes by its picture" if Part.SEARCH in parts else "was neither written here nor read from a PDF"
        raise Conflict(f"the page's text {why}: change it with PATCH instead", field="track")
    if backend.makers.vision is None:
        setting = Capability.VISION.variable
        raise BadInput(f"nobody is set who reads pages off their pictures: name a provider in {setting}", field="track")
    return await redo(backend, owner, book, page, version, Track.READING)


async def redo(backend: Backend, owner: OwnerId, book: BookId, page: int, version: int, track: Track) -> JobRow:
    """Order a track of a page, which is at this version, to be made anew: by a job that follows while one makes the
    book, and then that one is the answer."""

    async def drop() -> None:
        await backend.versions.redo(owner, book, page, version, track)

    newest = await backend.jobs.newest_of(owner, book)
    if newest.state in (JobState.RUNNING, JobState.PAUSED):
        await Redos(backend.database).ask(owner, book, page, track)
        return newest
    return await steering(backend).redo(newest, track, drop)


async def accepted(backend: Backend, job: JobRow) -> Response:
    """202 for a job of a book that is there: where to ask for it, when, and what it will take."""
    return job_accepted(job, await _estimate(backend, job))


def job_accepted(job: JobRow, estimate: JobEstimate) -> Response:
    """202 for a job."""
    body = JobAccepted(
        jobId=job.job_id, storyId=job.book_id, status=status_name(job.state), estimate=estimate
    ).model_dump_json()
    return later(body, f"/api/jobs/{job.job_id}/status")


def later(body: str, location: str) -> Response:
    """202: where to ask, and when."""
    headers = {"Location": location, "Retry-After": str(LATER_S)}
    return Response(body, 202, headers, media_type="application/json")


async def _estimate(backend: Backend, job: JobRow) -> JobEstimate:
    """Of each track what is left of it. Tracks are made beside each other."""
    book = await backend.shelf.facts(job.owner_id, job.book_id)
    other_voice = job.order.voice is not None and job.order.voice != book.voice
    rewrites = [wanted.page for wanted in job.order.rewrites]
    anew = await backend.books.asked_anew(job.owner_id, job.book_id)
    texts = [estimate_rewrites(len(rewrites), backend.makers)]
    if anew:
        texts.append(estimate_readings(len(anew), backend.makers))
        rewrites += anew
    pages, calls, seconds_before = len(rewrites), sum(text.calls for text in texts), sum(text.seconds for text in texts)
    low = sum((Decimal(text.cost_low_usd) for text in texts), Decimal(0))
    high = sum((Decimal(text.cost_high_usd) for text in texts), Decimal(0))
    seconds = seconds_before
    for track in job.order.tracks:
        all_pages = track is Track.NARRATION and other_voice
        left = await lengths_to_make(
            backend.database, job.owner_id, job.book_id, track, all_pages=all_pages, also=rewrites
        )
        if track is Track.ILLUSTRATIONS:
            left = left[: job.order.pictures]
        figures = estimate_pages(left, book.language or "en", [track], backend.makers)
        pages, calls = max(pages, figures.pages), calls + figures.calls
        low, high = low + Decimal(figures.cost_low_usd), high + Decimal(figures.cost_high_usd)
        seconds = max(seconds, seconds_before + figures.seconds)
    return JobEstimate(
        pages=pages,
        calls=calls,
        cost_low_usd=to_usd(to_micros(low)),
        cost_high_usd=to_usd(to_micros(high)),
        seconds=seconds,
    )
