"""How a book's narration stands: counts, pace and pages, for whoever waits for it."""

from datetime import datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import BookId, JobId, OwnerId
from bookwright.contracts.orders import Edition, Track
from bookwright.contracts.progress import JobState, StageName
from bookwright.store.database.statements import named
from bookwright.store.jobs.records import EventKind
from bookwright.store.tables import books, events, jobs, page_tracks, stages

PACE_PAGES = 50
"""How many of the pages finished last the pace is measured on."""
EARLIER_BOOKS = 5
"""How many books before it say what a book will take of which nothing has been measured."""
_INTERRUPTIONS = (EventKind.HOLD, EventKind.REQUEUED)


class BookFacts(Payload):
    """A book as lists show it, with its newest job."""

    book_id: BookId
    number: int
    title: str
    author: str | None
    language: str | None
    voice: str | None
    pages: int
    """0 until the text was read."""
    chapters: int
    words: int
    created_at: datetime
    read_at: datetime | None
    """When its text was saved."""
    job_id: JobId
    job_number: int
    state: JobState
    reason: str | None
    """Why the job is paused, waits or failed; for people."""
    warning: str | None
    editions: tuple[Edition, ...]
    """What was ordered."""
    updated_at: datetime
    """When anything last happened to it."""


class Pace(Payload):
    """How fast units came lately: so many since then, and so many are left."""

    done: int
    since: datetime | None
    left: int


class Earlier(Payload):
    """What the owner's books took that the same provider spoke before."""

    pages: int
    narrating_s: float
    """From the first page to the last, of all of them."""
    after_s: float
    """From the last page to the end: what binding adds."""


class Standing(Payload):
    """Where the pages stand, at one moment."""

    book: BookFacts
    pages: dict[TrackState, int]
    narrating: Pace
    binding: Pace | None
    """Set while files are bound and every page has its outcome."""
    earlier: Earlier | None = None


def book_facts(connection: sa.Connection, owner: OwnerId, name: str) -> BookFacts:
    """A book by its id or its number. Raises NotFound."""
    found = list_books(connection, owner, 1, named(books, name))
    if not found:
        raise NotFound("there is no such book")
    return found[0]


def list_books(
    connection: sa.Connection, owner: OwnerId, limit: int, *where: sa.ColumnElement[bool]
) -> list[BookFacts]:
    """The owner's books, newest first."""
    newest = (
        sa.select(sa.func.max(jobs.c.generation))
        .where(jobs.c.owner_id == books.c.owner_id, jobs.c.book_id == books.c.id)
        .correlate(books)
        .scalar_subquery()
    )
    last = (
        sa.select(sa.func.max(events.c.at))
        .where(events.c.owner_id == jobs.c.owner_id, events.c.job_id == jobs.c.id, events.c.seq == jobs.c.event_seq)
        .correlate(jobs)
        .scalar_subquery()
    )
    query = (
        sa.select(
            books,
            jobs.c.id.label("job_id"),
            jobs.c.number.label("job_number"),
            jobs.c.state,
            jobs.c.paused_reason,
            jobs.c.error,
            jobs.c.warning,
            jobs.c.ordered,
            jobs.c.created_at.label("ordered_at"),
            last.label("last"),
        )
        .join(jobs, sa.and_(jobs.c.owner_id == books.c.owner_id, jobs.c.book_id == books.c.id))
        .where(books.c.owner_id == owner, jobs.c.generation == newest, *where)
        .order_by(books.c.number.desc())
        .limit(limit)
    )
    return [_facts(row) for row in connection.execute(query)]


def standing(connection: sa.Connection, owner: OwnerId, name: str, provider: str) -> Standing:
    """How a book's pages stand, and what books took that `provider` spoke. Raises NotFound."""
    book = book_facts(connection, owner, name)
    tally = connection.execute(
        sa.select(page_tracks.c.state, sa.func.count())
        .where(page_tracks.c.owner_id == owner, page_tracks.c.book_id == book.book_id)
        .where(page_tracks.c.track == Track.NARRATION)
        .group_by(page_tracks.c.state)
    )
    counts = {TrackState(state): count for state, count in tally}
    left = counts.get(TrackState.PENDING, 0) + counts.get(TrackState.PROCESSING, 0)
    return Standing(
        book=book,
        pages=counts,
        narrating=_narrating(connection, owner, book.job_id, left),
        binding=None if left else _binding(connection, owner, book.job_id),
        earlier=_earlier(connection, owner, book.job_id, provider),
    )


def _narrating(connection: sa.Connection, owner: OwnerId, job: JobId, left: int) -> Pace:
    """The pace since the job last went on, as no page comes while it stands still."""
    spoken = sa.and_(events.c.kind == EventKind.PAGE, events.c.data["track"].as_string() == Track.NARRATION)
    recent = connection.execute(
        sa.select(events.c.kind, events.c.at)
        .where(events.c.owner_id == owner, events.c.job_id == job)
        .where(sa.or_(spoken, events.c.kind.in_(_INTERRUPTIONS)))
        .order_by(events.c.seq.desc())
        .limit(PACE_PAGES)
    ).all()
    pages = list(takewhile(lambda event: event.kind == EventKind.PAGE, recent))
    if len(pages) < len(recent):  # the time begins when it went on
        return Pace(done=len(pages), since=recent[len(pages)].at, left=left)
    # The oldest of them is where the time begins, so it is not one of those made in it.
    return Pace(done=max(0, len(pages) - 1), since=pages[-1].at if pages else None, left=left)


def _earlier(connection: sa.Connection, owner: OwnerId, job: JobId, provider: str) -> Earlier | None:
    by = sa.and_(
        page_tracks.c.owner_id == jobs.c.owner_id,
        page_tracks.c.book_id == jobs.c.book_id,
        page_tracks.c.track == Track.NARRATION,
        page_tracks.c.made_by.startswith(provider, autoescape=True),
    )
    rows = connection.execute(
        sa.select(stages.c.done, stages.c.started_at, stages.c.completed_at, jobs.c.closed_at)
        .join(jobs, sa.and_(jobs.c.owner_id == stages.c.owner_id, jobs.c.id == stages.c.job_id))
        .where(jobs.c.owner_id == owner, jobs.c.state == JobState.DONE, jobs.c.id != job, jobs.c.closed_at.is_not(None))
        .where(stages.c.name == StageName.NARRATION, stages.c.done > 0, stages.c.completed_at.is_not(None))
        .where(sa.select(page_tracks.c.page).where(by).exists())
        .order_by(jobs.c.number.desc())
        .limit(EARLIER_BOOKS)
    ).all()
    if not rows:
        return None
    return Earlier(
        pages=sum(row.done for row in rows),
        narrating_s=sum((row.completed_at - row.started_at).total_seconds() for row in rows),
        after_s=sum((row.closed_at - row.completed_at).total_seconds() for row in rows),
    )


def _binding(connection: sa.Connection, owner: OwnerId, job: JobId) -> Pace | None:
    row = connection.execute(
        sa.select(stages).where(stages.c.owner_id == owner, stages.c.job_id == job, stages.c.name == StageName.BINDING)
    ).one_or_none()
    if row is None or row.state != TrackState.PROCESSING:
        return None
    return Pace(done=row.done, since=row.started_at, left=max(0, row.total - row.done - row.failed))


def _facts(row: Any) -> BookFacts:
    return BookFacts(
        book_id=row.id,
        number=row.number,
        title=row.title or "Untitled",
        author=row.author,
        language=row.language or row.ordered.get("language"),
        voice=row.voice or row.ordered.get("voice"),
        pages=row.pages,
        chapters=row.chapters,
        words=row.words,
        created_at=row.created_at,
        read_at=row.source_at,
        job_id=row.job_id,
        job_number=row.job_number,
        state=JobState(row.state),
        reason=row.paused_reason or row.error,
        warning=row.warning,
        editions=tuple(row.ordered["editions"]),
        updated_at=row.last or row.ordered_at,
    )
