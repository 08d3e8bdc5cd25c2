"""What a search finds."""

from enum import StrEnum

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import BookId

LONGEST_QUERY = 300
MOST_FOUND = 50


class MatchedBy(StrEnum):
    """Why a passage was found."""

    TEXT = "text"
    """It has words of the query."""
    MEANING = "meaning"
    """Its vector is near that of the query."""


class FoundPassage(Payload):
    """A passage that was found. Times are in milliseconds."""

    book_id: BookId
    book_number: int
    book_title: str
    language: str | None
    own: bool
    """Whether it is the searcher's; else it is of another user's public audiobook."""
    chapter: int
    chapter_title: str
    page: int
    number: int
    """Its number in the book."""
    text: str
    begin_ms: int
    end_ms: int
    """In the narration of its page."""
    recording: int
    """The file that it is heard in, 1 for the first."""
    recording_ms: int
    """Where in that file it begins."""
    matched_by: tuple[MatchedBy, ...]
    score: float


class Found(Payload):
    """The answer to a search, best first."""

    passages: tuple[FoundPassage, ...]
    by_meaning: bool
    """Whether vectors were asked, too; if not, `notice` says why."""
    notice: str | None = None
