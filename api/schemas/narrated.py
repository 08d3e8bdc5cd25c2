"""Section 4 of the contract: a document that is uploaded, read and narrated, in its exact field names."""

from datetime import datetime
from typing import Literal

from api.schemas.problems import FieldError
from bookwright.contracts.base import Payload
from bookwright.money.estimate import Estimate


class Uploaded(Payload):
    """A book that was taken in."""

    book_id: int
    title: str
    total_pages: int | None
    """Null while the text is still being read."""
    status_url: str
    message: str


class UploadedUnread(Uploaded):
    """A book that was taken in and not read within a minute."""

    estimate: Estimate | None
    """What it will take, where the text is known: of a text, not of a document."""


class PageCounts(Payload):
    """How many pages stand where."""

    pending: int
    processing: int
    completed: int
    failed: int


class BookStatusData(Payload):
    """How a book stands."""

    book_id: int
    title: str
    processing_status: str
    processing_progress: int
    """Percent of the pages that have their outcome; 100 when the book is finished."""
    total_pages: int | None
    pages_status: PageCounts
    audio_ready: bool
    """Whether every page that can be heard can be heard now."""
    pages_with_audio: int
    estimated_time_remaining: str
    """`2 minutes` from how fast pages came lately; words where nothing has been measured."""
    created_at: datetime
    last_updated: datetime
    warning: str | None
    error: str | None


class BookInPages(Payload):
    """The book that pages are of."""

    id: int
    title: str
    total_pages: int | None
    processing_status: str


class NarratedPage(Payload):
    """A page, its text and its sound."""

    id: int
    page_number: int
    text_content: str
    audio_url: str | None
    """The page as MP3; null while it can't be heard."""
    audio_duration: int | None
    """Whole seconds."""
    processing_status: str
    error: str | None
    image_url: str | None = None
    """Its picture, if it has one."""
    made_by: str | None = None
    """The provider, model and voice that spoke it."""
    stand_in: bool = False
    """Whether that was not the one who was chosen first, because that one could not be had."""
    source: str = "text"
    """Where its text came from: `text` (the document's own), `vision:gemini` (read off its picture, by whom),
    `edited`, `none`."""


class BookPagesData(Payload):
    """A book's pages."""

    book: BookInPages
    pages: tuple[NarratedPage, ...]


class BookStatusAnswer(Payload):
    """How a book stands, wrapped."""

    data: BookStatusData
    status: Literal["PASS"] = "PASS"
    message: str = "Book processing status retrieved successfully"


class BookPagesAnswer(Payload):
    """A book's pages, wrapped."""

    data: BookPagesData
    status: Literal["PASS"] = "PASS"
    message: str = "Book pages retrieved successfully"


class Fail(Payload):
    """An error of these routes."""

    data: None = None
    status: Literal["FAIL"] = "FAIL"
    message: str
    errors: tuple[FieldError, ...] = ()
    """The fields that are wrong; left out where none is."""
