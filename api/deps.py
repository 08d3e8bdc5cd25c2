"""What routes work with. The composition root makes a `Backend` and hands it to `create_app`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import Depends, Request
from temporalio.client import Client

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, OwnerId
from bookwright.contracts.ports.documents import CoverArtist, DocumentReader
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.store import BookStore, Database, JobStore, LedgerStore, LocalAssets
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


class Temporal(Protocol):
    """The way to Temporal, which may be away."""

    async def client(self) -> Client:
        """A connected client. Raises ServiceUnavailable, quickly while Temporal is known to be away."""
        ...


@dataclass(frozen=True)
class Backend:
    """What stands behind the routes. The composition root opens it, and closes it in the end."""

    database: Database
    shelf: Shelf
    books: BookStore
    jobs: JobStore
    ledger: LedgerStore
    assets: LocalAssets
    sounds: SoundFiles
    artist: CoverArtist
    engine: SpeechEngine
    """Says which voices there are and what calls would cost; the API never speaks."""
    documents: DocumentReader
    temporal: Temporal


class Role(StrEnum):
    """What somebody may do at all."""

    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    """Who asks. Every read and write of the store is made as `owner`."""

    owner: OwnerId
    role: Role
    scopes: frozenset[str]


def backend(request: Request) -> Backend:
    """The backend that the app was made with."""
    found: Backend = request.app.state.backend
    return found


TheBackend = Annotated[Backend, Depends(backend)]


def caller(request: Request) -> Caller:
    """Who asks: one person, until people sign in."""
    return Caller(LOCAL_OWNER, Role.ADMIN, frozenset())


TheCaller = Annotated[Caller, Depends(caller)]


def book_name(book: str) -> str:
    """A book's id or number from a path. What can't be one is not found, as an unknown one is."""
    if not book.isprintable() or len(book) > _LONGEST_NAME:
        raise NotFound("there is no such book")
    return book


BookName = Annotated[str, Depends(book_name)]


async def the_book(name: BookName, backend: TheBackend, caller: TheCaller) -> ShelfBook:
    """The caller's book that a path names."""
    return await backend.shelf.book(caller.owner, name)


TheBook = Annotated[ShelfBook, Depends(the_book)]


def counted(text: str, what: str) -> int:
    """A number from a path. Raises NotFound for anything else, however long."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotFound(f"the book has no such {what}")
    return int(text)
