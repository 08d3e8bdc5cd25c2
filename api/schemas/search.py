"""What a search answers."""

from bookwright.contracts.base import Payload
from bookwright.contracts.search import MatchedBy


class Mark(Payload):
    """A part of a snippet that matches the query (code points, end exclusive)."""

    start: int
    end: int


class PassageAnswer(Payload):
    """A passage of an audiobook."""

    book_id: str
    book_number: int
    book_title: str
    language: str | None
    """BCP 47, of the book."""
    own: bool
    """False for a public audiobook of another user: it can be read and heard, and nothing else."""
    chapter: int
    chapter_title: str
    page: int
    start_seconds: float
    """Where it begins in the sound of its page."""
    end_seconds: float
    recording: int
    """The file that the audiobook was made from, 1 for the first."""
    recording_seconds: float
    """Where it begins in that file."""
    snippet: str
    """Plain text, not HTML: to be escaped by whoever shows it."""
    marks: tuple[Mark, ...]
    """The query's words in the snippet."""
    matched_by: tuple[MatchedBy, ...]
    score: float
    """Can be compared within one answer."""
    reader_url: str
    """The reader, opened where the passage begins."""
    audio_url: str
    """The sound of its page, to be played from `start_seconds` on."""


class SearchAnswer(Payload):
    """Passages, best first."""

    results: tuple[PassageAnswer, ...]
    by_meaning: bool
    """Whether what passages mean was compared, too; if not, only words were looked for."""
    notice: str | None
    """Why not."""
