"""Books as lists and single answers show them."""

from datetime import datetime

from pydantic import Field

from api.jobs.states import BookState
from bookwright.contracts.base import Payload
from bookwright.contracts.progress import JobState


class BookAnswer(Payload):
    """A book and its newest job."""

    book_id: str
    number: int
    title: str
    author: str | None
    language: str | None
    """BCP 47."""
    voice: str | None
    status: BookState
    warning: str | None
    """What is missing of a book that is ready."""
    reason: str | None
    """Why its job is paused, waits or failed."""
    total_pages: int | None
    """Null until the text was read."""
    chapters: int
    words: int
    created_at: datetime
    last_updated: datetime
    job_id: str
    job_number: int
    job_state: JobState


class EditionFile(Payload):
    """An edition that can be downloaded."""

    edition: str
    name: str
    bytes: int
    missing_pages: tuple[int, ...]
    """Pages that it lacks; empty for a whole one."""
    url: str


class BookDetails(BookAnswer):
    """A book with all that can be had of it."""

    editions: tuple[EditionFile, ...]
    reader_url: str


class BookList(Payload):
    """Books, newest first."""

    books: tuple[BookAnswer, ...]
    next_cursor: str | None


class VoiceAnswer(Payload):
    """A voice."""

    id: str
    """What an order's `voice` names."""
    language: str
    name: str
    provider: str
    model: str
    sample_url: str | None
    """What it sounds like; null in a language that no sample is written in."""


class VoiceList(Payload):
    """The voices for a language, best first."""

    provider: str
    """The first choice."""
    voices: tuple[VoiceAnswer, ...]


class TextEstimate(Payload):
    """A text to estimate."""

    text: str = Field(min_length=1, max_length=2_000_000)
    title: str | None = None
    language: str | None = None
    voice: str | None = None
