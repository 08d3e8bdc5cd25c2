"""What is said of a document before and while it is read."""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload

SAMPLE_LIMIT = 4_000
"""Code points of a document's text that its language is told from."""


class DocumentKind(StrEnum):
    """The kinds of document that are read."""

    PDF = "pdf"
    EPUB = "epub"
    DOCX = "docx"
    HTML = "html"


class PageTrouble(StrEnum):
    """Why a page of a document has to be looked at, not only read."""

    NO_TEXT = "no_text"
    """There is something on the page, and no text: a scan, a drawing."""
    GARBLED = "garbled"
    """There is text, and its characters don't say what the page shows: an old font's own encoding, missing maps."""


class ReadingLimits(Payload):
    """What one reading may use before it is ended. The reader runs in a process of its own under these limits."""

    pages: int = Field(default=5_000, ge=1)
    memory_bytes: int = Field(default=1 << 30, ge=1 << 26)
    """Address space, which is more than what is resident."""
    cpu_seconds: int = Field(default=300, ge=1)
    wall_seconds: float = Field(default=600.0, gt=0)
    text_bytes: int = Field(default=64 << 20, ge=1)
    """Of all pages' text together."""


class ReadingUsage(Payload):
    """What a reading used, however it ended."""

    peak_bytes: int | None
    """Resident memory at its highest; None when the reader crashed or was ended, and so could not say."""
    cpu_seconds: float
    wall_seconds: float


class DocumentFacts(Payload):
    """What a quick look at a document says, before there is a job."""

    kind: DocumentKind
    pages: int
    title: str | None = None
    author: str | None = None
    language: str | None = None
    """As the document declares it, unchecked."""
    sample: str = Field(default="", max_length=SAMPLE_LIMIT)
    has_text: bool = True
    """False when no page has text: only a vision provider can read the document."""
