"""Kinds of documents, and what one reading may use. Loads next to nothing: the processes that read begin with it."""

from enum import StrEnum
from typing import NamedTuple

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


class ReadingLimits(NamedTuple):
    """What one reading may use before it is ended. The reader runs in a process of its own under these limits."""

    pages: int = 5_000
    memory_bytes: int = 1 << 30
    """Address space, which is more than what is resident."""
    cpu_seconds: int = 300
    wall_seconds: float = 600.0
    text_bytes: int = 64 << 20
    """Of all pages' text together."""


class ReadingUsage(NamedTuple):
    """What a reading used, however it ended."""

    peak_bytes: int | None
    """Resident memory at its highest; None when the reader crashed or was ended, and so could not say."""
    cpu_seconds: float
    wall_seconds: float
