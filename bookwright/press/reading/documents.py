"""What stands behind the port `DocumentReader`."""

from collections.abc import Callable
from pathlib import Path

from bookwright.contracts.book import SourceText
from bookwright.contracts.documents import DocumentFacts, DocumentKind
from bookwright.press.reading.reader import probe_document, read_document


class Documents:
    """Reads documents in processes of their own."""

    def probe(self, path: Path, name: str) -> DocumentFacts:
        """A quick look at the document."""
        return probe_document(path, name=name)

    def read(
        self, path: Path, kind: DocumentKind, *, name: str, title: str | None, on_progress: Callable[[int], None]
    ) -> SourceText:
        """The whole document."""
        return read_document(path, kind, name=name, title=title, on_progress=on_progress).source
