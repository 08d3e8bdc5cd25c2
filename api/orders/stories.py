"""Orders for books that are yet to be written: from a request to a job in the outbox."""

import asyncio

from fastapi import Response

from api.deps import Backend, acting_for
from api.orders.ordering import job_accepted, later, steering
from api.schemas.joborders import StoryJob
from api.schemas.jobs import JobEstimate
from api.schemas.stories import BookBrief, BookOrdered
from bookwright.contracts.access import Caller
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import Edition, Track, editions_with
from bookwright.contracts.stories import Brief
from bookwright.estimating import estimate_order
from bookwright.intake import Wishes
from bookwright.money.estimate import Estimate
from bookwright.store import JobRow
from bookwright.store.books.shelf import ShelfBook
from bookwright.storyorders import (
    EDITIONS_OF,
    NOTES_EDITIONS,
    NOTES_LIMIT,
    TRACKS_OF,
    Crew,
    StoryOrder,
    order_brief,
    order_notes,
    submit_story,
)

_OF_BRIEF = frozenset(Brief.model_fields) - {"kind", "character_image"}


async def take_brief(backend: Backend, caller: Caller, asked: BookBrief) -> Response:
    """Order a personalised book. Raises BadInput, or Forbidden for somebody else's."""
    owner = acting_for(caller, None if asked.user_id is None else str(asked.user_id))
    accepted = brief_order(asked, crew(backend), owner)
    job, estimate = await _accepted(backend, accepted, owner)
    body = BookOrdered(
        job_id=job.number,
        message=f"Job {job.number} created successfully",
        book_id=job.book_number,
        status_url=f"/api/books/{job.number}/status",
        estimate=estimate,
    )
    return later(body.model_dump_json(), body.status_url)


def brief_order(asked: BookBrief, crew: Crew, owner: OwnerId) -> StoryOrder:
    """A brief, as the API takes it and files have it, as an order. Raises BadInput."""
    brief = Brief(**asked.model_dump(include=set(_OF_BRIEF)))
    wishes = Wishes(
        language=asked.language,
        voice=asked.voice,
        tracks=asked.tracks or TRACKS_OF[asked.job_type],
        editions=asked.editions or _editions_of(asked),
        budget_usd=asked.budget,
        priority=asked.priority,
        review=asked.review,
        style=asked.style,
        max_retries=asked.max_retries,
    )
    child = None if asked.child_profile_id is None else str(asked.child_profile_id)
    return order_brief(brief, wishes, crew, owner, review_sheet=asked.review_sheet, child_profile_id=child)


def _editions_of(asked: BookBrief) -> tuple[Edition, ...]:
    return editions_with(NOTES_EDITIONS, asked.tracks) if asked.tracks else EDITIONS_OF[asked.job_type]


async def estimate_story(backend: Backend, owner: OwnerId, asked: BookBrief | StoryJob) -> Estimate:
    """What a brief, or a story from notes, would take. Raises BadInput as ordering it would."""
    if isinstance(asked, BookBrief):
        accepted = brief_order(asked, crew(backend), owner)
    else:
        _, accepted = await _notes_order(backend, owner, asked)
    return estimate_order(accepted.order, backend.makers)


async def take_notes(backend: Backend, owner: OwnerId, asked: StoryJob) -> Response:
    """Order a story from notes: a new book, or the text of one that is there anew. Raises BadInput, NotFound or
    Conflict."""
    book, accepted = await _notes_order(backend, owner, asked)
    if book is None:
        return job_accepted(*await _accepted(backend, accepted, owner))
    estimate = _estimate(backend, accepted)
    assert accepted.notes is not None
    newest = await backend.jobs.newest_of(owner, book.book_id)
    changes = accepted.order.model_dump(exclude={"book_id", "owner_id", "generation", "voice"})
    changes["editions"] = editions_with(newest.order.editions, [*newest.order.tracks, *accepted.order.then])
    await backend.assets.put(accepted.notes, "text/plain")
    return job_accepted(await steering(backend).order_next(newest, **changes), estimate)


async def _notes_order(backend: Backend, owner: OwnerId, asked: StoryJob) -> tuple[ShelfBook | None, StoryOrder]:
    """The book whose text is to be written anew, if one is named, and the order."""
    config = asked.config
    book = None if asked.storyId is None else await backend.shelf.book(owner, asked.storyId)
    wishes = Wishes(
        title=config.title,
        author=config.author,
        language=config.language or (book.language if book else None),
        voice=config.voice,
        tracks=(),
        editions=NOTES_EDITIONS,
        budget_usd=config.budget,
        priority=config.priority,
        review=config.review,
        style=config.style,
        max_retries=config.maxRetries,
    )
    following = ((Track.NARRATION, config.includeAudio), (Track.ILLUSTRATIONS, config.includeAIImages))
    content = config.content if config.content is not None else await _text_of(backend, owner, book)
    accepted = await asyncio.to_thread(
        order_notes,
        content,
        wishes,
        crew(backend),
        owner,
        kind=config.storyKind,
        pages=config.numberOfPages,
        tone=config.tone,
        audience=config.targetAudience,
        improve_grammar=config.improveGrammar,
        then=tuple(track for track, wanted in following if wanted),
    )
    return book, accepted


async def _text_of(backend: Backend, owner: OwnerId, book: ShelfBook | None) -> str:
    """A book's own text, as notes. Raises BadInput when there is none, or too much of it."""
    if book is None or not book.pages:
        raise BadInput("content: give the notes that the story is to be made of", field="config.content")
    texts = await backend.shelf.texts(owner, book.book_id, 1, book.pages)
    content = "\n\n".join(page.text for page in texts)
    if len(content) > NOTES_LIMIT:
        raise BadInput(f"content: the book has more than {NOTES_LIMIT} characters; give notes", field="config.content")
    return content


def crew(backend: Backend) -> Crew:
    """Who would make a book here."""
    return Crew(backend.engine, backend.makers.text, backend.lacking)


async def _accepted(backend: Backend, accepted: StoryOrder, owner: OwnerId) -> tuple[JobRow, JobEstimate]:
    estimate = _estimate(backend, accepted)
    return await submit_story(accepted, backend.jobs, backend.assets), estimate


def _estimate(backend: Backend, accepted: StoryOrder) -> JobEstimate:
    figures = estimate_order(accepted.order, backend.makers)
    return JobEstimate(**figures.model_dump(include=set(JobEstimate.model_fields)))
