"""What stands behind the port `DocumentReader`."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bookwright.contracts.book import SourceText
from bookwright.contracts.documents import DocumentKind, ReadingLimits
from bookwright.contracts.drafts import DocumentDraft, DocumentFacts
from bookwright.contracts.pagereading import PageReading
from bookwright.press.bounded.starting import Starter
from bookwright.press.reading.gallery import Gallery
from bookwright.press.reading.planning import planned
from bookwright.press.reading.process import CHILD
from bookwright.press.reading.reader import draft_document, probe_document

_QUICK = ReadingLimits(cpu_seconds=60, wall_seconds=120)
"""Of a quick look: somebody waits for it, and others behind them."""


class Documents:
    """Reads documents in processes of their own, up to `spare` of which are kept ready (`Starter`)."""

    def __init__(self, spare: int = 0) -> None:
        self._starter = Starter(CHILD, spare)

    def probe(self, path: Path, name: str) -> DocumentFacts:
        """A quick look at the document."""
        return probe_document(path, name=name, limits=_QUICK, starter=self._starter)

    def draft(self, path: Path, kind: DocumentKind, *, name: str, on_progress: Callable[[int], None]) -> DocumentDraft:
        """The whole document, its chapters not planned yet."""
        return draft_document(path, kind, name=name, on_progress=on_progress, starter=self._starter)

    def planned(
        self, draft: DocumentDraft, readings: Mapping[int, tuple[str, PageReading]], title: str | None = None
    ) -> SourceText:
        """The document as chapters and pages."""
        return planned(draft, readings, title)

    def gallery(self, path: Path) -> Gallery:
        """What draws pages of a PDF."""
        return Gallery(path, self._starter)
