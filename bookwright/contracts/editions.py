"""What the press binds editions from: a book's chapters and pages, with their words in step with their sound."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import BoundFile
from bookwright.contracts.ids import AssetId, BookId
from bookwright.contracts.orders import Edition


class SpokenWord(Payload):
    """A word, its place in its page's text (code points, end exclusive) and in the page's audio (milliseconds)."""

    start: int
    end: int
    begin_ms: int
    end_ms: int


class SpokenSentence(Payload):
    """A sentence, its place in its page's text and in the page's audio."""

    start: int
    end: int
    begin_ms: int
    end_ms: int
    words: tuple[SpokenWord, ...] = ()
    """Empty where the speech engine gives no timings."""


class Picture(Payload):
    """A page's picture."""

    asset: AssetId
    media_type: str
    """`image/jpeg`, `image/png` or `image/webp`."""
    alt: str
    width: int
    height: int


class PageAudio(Payload):
    """Where a page's sound is: a whole MP3 file, or a stretch of the chapter's."""

    asset: AssetId
    begin_ms: int
    end_ms: int


class PageMatter(Payload):
    """All that is bound of one page."""

    number: int = Field(ge=1)
    label: str | None = None
    """The printed page number where it differs from `number`."""
    text: str
    """Paragraphs stand apart by blank lines; a single line break is one of verse. Empty for a page without text."""
    sentences: tuple[SpokenSentence, ...] = ()
    audio: PageAudio | None = None
    """None when the page is not spoken."""
    picture: Picture | None = None
    missing: str | None = None
    """What could not be made of this page, in words for its reader; None when nothing is missing."""


class ChapterMatter(Payload):
    """One chapter, its pages in order."""

    number: int
    title: str
    pages: tuple[PageMatter, ...]


class BookMatter(Payload):
    """What stands on the title page and in the metadata."""

    book_id: BookId
    """A UUID: the edition's unique identifier follows from it."""
    title: str
    author: str | None
    language: str
    """BCP 47."""
    narrator: str | None = None
    pages: int
    chapters: int
    modified: datetime
    """When the book's content last changed: never the time of binding, so that the same book gives the same bytes."""
    cover: bytes = Field(repr=False)
    """PNG or JPEG."""
    credit: str | None = None
    """A line about how the book was made."""


class Lacking(Payload):
    """What a bundle lacks of what was ordered."""

    pages: dict[int, str] = Field(default_factory=dict)
    """The pages that could not be made whole, and why, for people."""
    editions: tuple[Edition, ...] = ()
    """Those of which nothing could be bound."""


class BundledFile(Payload):
    """A file that goes into a bundle; its asset id is its SHA-256."""

    file: BoundFile
    path: Path


class BundlePress(Protocol):
    """Packs the files of a book. Synchronous; the same input gives the same bytes."""

    def bundle(
        self,
        book: BookMatter,
        files: Sequence[BundledFile],
        lacking: Lacking,
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """Write a ZIP file of `files` with checksums and a manifest that says what is `lacking`; `on_progress` gets the
        bytes done so far and may raise to stop. Whatever is raised, no file is left at `target`."""
        ...


class BookPress(Protocol):
    """Binds one edition of a whole book. Synchronous and CPU-bound: callers run it off the event loop. Chapters are
    read once, one at a time, so that memory does not grow with the book. The same input gives the same bytes. Whatever
    is raised, no file is left at `target`."""

    def bind(
        self,
        book: BookMatter,
        chapters: Iterable[ChapterMatter],
        asset_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """Write the edition to `target`; `on_progress` gets the pages done so far and may raise to stop."""
        ...
