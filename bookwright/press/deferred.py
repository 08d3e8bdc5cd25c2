"""Presses that load their libraries with the first book they bind: a worker that has bound none is 15 MB smaller."""

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from bookwright.contracts.editions import BookMatter, BookPress, ChapterMatter
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.documents import CoverArtist


class DeferredPress:
    """A `BookPress` that `load` brings when it is first needed."""

    def __init__(self, load: Callable[[], BookPress]) -> None:
        self._load = load

    @cached_property
    def _press(self) -> BookPress:
        return self._load()

    def bind(
        self,
        book: BookMatter,
        chapters: Iterable[ChapterMatter],
        asset_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """See `BookPress`."""
        self._press.bind(book, chapters, asset_path, target, on_progress)


class DeferredArtist:
    """A `CoverArtist` that `load` brings when it is first needed."""

    def __init__(self, load: Callable[[], CoverArtist]) -> None:
        self._load = load

    @cached_property
    def _artist(self) -> CoverArtist:
        return self._load()

    def cover(self, title: str, author: str | None, language: str, banner: bytes | None = None) -> bytes:
        """See `CoverArtist`."""
        return self._artist.cover(title, author, language, banner)


def epub_press() -> BookPress:
    """Binds EPUB."""
    from bookwright.press.epub import EpubPress

    return EpubPress()


def pdf_press() -> BookPress:
    """Binds PDF."""
    from bookwright.press.pdf.press import PdfPress

    return PdfPress()


def cover_artist() -> CoverArtist:
    """Draws covers."""
    from bookwright.press.cover import Cover

    return Cover()
