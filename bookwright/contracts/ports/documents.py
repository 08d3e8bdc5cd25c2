"""The ports of documents that come in and of covers that go out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bookwright.contracts.book import (
    SourceText,
)
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.drafts import DocumentDraft, DocumentFacts
from bookwright.contracts.pagereading import PagePicture, PageReading


class PageGallery(Protocol):
    """Draws pages of one PDF. Blocking, and for several threads."""

    def picture(self, page: int, px: int) -> PagePicture:
        """The page (from 1) with a longest side of `px` pixels. Raises Permanent when it can't be drawn."""
        ...

    def close(self) -> None:
        """Give up what it holds; whoever waits for a page gets an error."""
        ...


class DocumentReader(Protocol):
    """Reads documents. Blocking: callers run it off the event loop."""

    def probe(self, path: Path, name: str) -> DocumentFacts:
        """A quick look, about 0.3 s; `name` is what somebody called the file. Raises BadInput for what can't be
        read."""
        ...

    def draft(self, path: Path, kind: DocumentKind, *, name: str, on_progress: Callable[[int], None]) -> DocumentDraft:
        """The whole document, its chapters not planned yet; `on_progress` gets the pages read so far, several times a
        second also while none comes, and may raise to stop. Raises BadInput for what can't be read."""
        ...

    def planned(
        self, draft: DocumentDraft, readings: Mapping[int, tuple[str, PageReading]], title: str | None = None
    ) -> SourceText:
        """The document as chapters and pages. `readings` has, by the page's number, where what was read off its
        picture came from, and what that is. `title` wins over the document's own. Pure."""
        ...

    def gallery(self, path: Path) -> PageGallery:
        """What draws pages of this PDF. Whoever has it closes it."""
        ...


class CoverArtist(Protocol):
    """Draws a cover when the order brings none. Pure: the same input gives the same bytes."""

    def cover(self, title: str, author: str | None, language: str, banner: bytes | None = None) -> bytes:
        """A square JPEG, 1,400 pixels wide: on `banner`, the book's own first picture, if it has one."""
        ...
