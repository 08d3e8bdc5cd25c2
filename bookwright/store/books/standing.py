"""How a book's narration stands: counts, pace and pages, for whoever waits for it."""

from datetime import datetime
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


class Standing(Payload):
    """Where the pages stand, at one moment."""

    book: BookFacts
    pages: dict[TrackState, int]
    narrating: Pace
    binding: Pace | None
    """Set while files are bound and every page has its outcome."""


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


def standing(connection: sa.Connection, owner: OwnerId, name: str) -> Standing:
    """How a book's pages stand. Raises NotFound."""
    book = book_facts(connection, owner, name)
    tally = connection.execute(
        sa.select(page_tracks.c.state, sa.func.count())
        .where(page_tracks.c.owner_id == owner, page_tracks.c.book_id == book.book_id)
        .where(page_tracks.c.track == Track.NARRATION)
        .group_by(page_tracks.c.state)
    )
    counts = {TrackState(state): count for state, count in tally}
    left = counts.get(TrackState.PENDING, 0) + counts.get(TrackState.PROCESSING, 0)
    recent = (
        sa.select(events.c.at)
        .where(events.c.owner_id == owner, events.c.job_id == book.job_id, events.c.kind == EventKind.PAGE)
        .where(events.c.data["track"].as_string() == Track.NARRATION)
        .order_by(events.c.seq.desc())
        .limit(PACE_PAGES)
        .subquery()
    )
    done, first = connection.execute(sa.select(sa.func.count(), sa.func.min(recent.c.at)).select_from(recent)).one()
    # The oldest of them is where the time begins, so it is not one of those made in it.
    narrating = Pace(done=max(0, done - 1), since=first, left=left)
    return Standing(
        book=book, pages=counts, narrating=narrating, binding=None if left else _binding(connection, owner, book.job_id)
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
