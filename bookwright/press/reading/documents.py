"""What stands behind the port `DocumentReader`."""

from collections.abc import Callable
from pathlib import Path

from bookwright.contracts.book import SourceText
from bookwright.contracts.documents import DocumentFacts, DocumentKind, ReadingLimits
from bookwright.press.reading.reader import probe_document, read_document

_QUICK = ReadingLimits(cpu_seconds=60, wall_seconds=120)
"""Of a quick look: somebody waits for it, and others behind them."""


class Documents:
    """Reads documents in processes of their own."""

    def probe(self, path: Path, name: str) -> DocumentFacts:
        """A quick look at the document."""
        return probe_document(path, name=name, limits=_QUICK)

    def read(
        self, path: Path, kind: DocumentKind, *, name: str, title: str | None, on_progress: Callable[[int], None]
    ) -> SourceText:
        """The whole document."""
        return read_document(path, kind, name=name, title=title, on_progress=on_progress).source
