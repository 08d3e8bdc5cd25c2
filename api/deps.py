"""What routes work with. The composition root makes a `Library` and hands it to `create_app`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import Depends, Request

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, OwnerId
from bookwright.contracts.ports.documents import CoverArtist
from bookwright.store import BookStore, LocalAssets
from bookwright.store.shelf import Shelf, ShelfBook

_LONGEST_NAME = 64
_MOST_DIGITS = 7


class PageSound(Protocol):
    """Renders one page's sound. Pure, synchronous and CPU-bound."""

    @property
    def media_type(self) -> str: ...

    def size(self, segment: Segment) -> int:
        """The length in bytes. Raises BadInput for a page that is too long."""
        ...

    def render(self, segment: Segment, clip_path: Callable[[AssetId], Path]) -> Iterator[bytes]:
        """The file, exactly `size(segment)` bytes. Raises AssetMissing or AssetCorrupt."""
        ...


class SoundFiles(Protocol):
    """Where the files of pages' sounds come from."""

    @property
    def media_type(self) -> str: ...

    async def file(self, asset: AssetId) -> Path:
        """The sound of the segment `asset` as a file. Raises AssetMissing, AssetCorrupt, BadInput or StorageFull."""
        ...


@dataclass(frozen=True)
class Library:
    """The books of this installation and what shows them."""

    shelf: Shelf
    books: BookStore
    assets: LocalAssets
    sounds: SoundFiles
    artist: CoverArtist
    owner: OwnerId = LOCAL_OWNER
    """Whose books they are: one person's, until people sign in."""


def library(request: Request) -> Library:
    """The library that the app was made with."""
    found: Library = request.app.state.library
    return found


TheLibrary = Annotated[Library, Depends(library)]


def book_name(book: str) -> str:
    """A book's id or number from a path. What can't be one is not found, as an unknown one is."""
    if not book.isprintable() or len(book) > _LONGEST_NAME:
        raise NotFound("there is no such book")
    return book


BookName = Annotated[str, Depends(book_name)]


async def the_book(name: BookName, library: TheLibrary) -> ShelfBook:
    """The owner's book that a path names."""
    return await library.shelf.book(library.owner, name)


TheBook = Annotated[ShelfBook, Depends(the_book)]


def counted(text: str, what: str) -> int:
    """A number from a path. Raises NotFound for anything else, however long."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotFound(f"the book has no such {what}")
    return int(text)
