"""The ports of documents that come in and of covers that go out."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bookwright.contracts.book import (
    SourceText,
)
from bookwright.contracts.documents import DocumentFacts, DocumentKind


class DocumentReader(Protocol):
    """Reads documents. Blocking: callers run it off the event loop."""

    def probe(self, path: Path, name: str) -> DocumentFacts:
        """A quick look, about 0.3 s; `name` is what somebody called the file. Raises BadInput for what can't be
        read."""
        ...

    def read(
        self, path: Path, kind: DocumentKind, *, name: str, title: str | None, on_progress: Callable[[int], None]
    ) -> SourceText:
        """The whole document as chapters and pages; `on_progress` gets the pages read so far, several times a second
        also while none comes, and may raise to stop. Raises BadInput for what can't be read."""
        ...


class CoverArtist(Protocol):
    """Draws a cover when the order brings none. Pure: the same input gives the same bytes."""

    def cover(self, title: str, author: str | None, language: str, banner: bytes | None = None) -> bytes:
        """A square JPEG, 1,400 pixels wide: on `banner`, the book's own first picture, if it has one."""
        ...
