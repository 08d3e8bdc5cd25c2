"""What routes work with. The composition root makes a `Backend` and hands it to `create_app`."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.access.limits import RequestLimits
from api.access.origin import network
from api.files.delivered import Delivered
from api.wire.names import named
from bookwright.contracts.access import Actor, Caller
from bookwright.contracts.book import Segment
from bookwright.contracts.errors import Forbidden, NotFound
from bookwright.contracts.ids import AssetId, OwnerId
from bookwright.contracts.ingestion import StepKind
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.documents import CoverArtist, DocumentReader
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.estimating import Makers
from bookwright.hooks import Hooks
from bookwright.link import TemporalLink
from bookwright.searching import Searches
from bookwright.store import Assets, BookStore, Database, JobRow, JobStore
from bookwright.store.access.audit import AuditLog
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.feeds import FeedStore
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.users import UserStore
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.books.shelf import Shelf, ShelfBook
from bookwright.store.books.versions import PageVersions
from bookwright.store.jobs.listing import JobLists
from bookwright.store.jobs.statistics import Statistics
from bookwright.store.ledger.costs import CostBooks
from bookwright.store.ledger.months import MonthBudgets
from bookwright.store.webhooks.alerts import AlertStore
from bookwright.telemetry.operations import Operations
from bookwright.voices import VoiceSamples

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


class Reports(Protocol):
    """Takes reports on jobs that run at providers."""

    async def wake(self, token: str) -> None:
        """Let whoever waits for the job with this token look at it; no effect when nobody does."""
        ...


@dataclass(frozen=True)
class Webhooks:
    """What incoming webhooks need."""

    reports: Reports
    replicate_key: bytes | None = field(default=None, repr=False)
    """What Replicate signs with; None refuses all that claims to be from it."""


@dataclass(frozen=True)
class Backend:
    """What stands behind the routes. The composition root opens it, and closes it in the end."""

    database: Database
    shelf: Shelf
    books: BookStore
    jobs: JobStore
    assets: Assets
    sounds: SoundFiles
    mp3s: SoundFiles
    """The same pages as MP3."""
    removal: BookRemoval
    artist: CoverArtist
    engine: SpeechEngine
    """Says which voices there are and what calls would cost; the API speaks nothing but samples."""
    samples: VoiceSamples
    """What voices sound like."""
    searches: Searches
    documents: DocumentReader
    temporal: TemporalLink
    credentials: Credentials
    keys: KeyStore
    users: UserStore
    audit: AuditLog
    feeds: FeedStore
    limits: RequestLimits
    operations: Operations
    lists: JobLists
    statistics: Statistics
    webhooks: Webhooks
    hooks: Hooks
    """Those of users, which are told of their jobs."""
    alerts: AlertStore
    makers: Makers
    """Say what calls would cost; the API makes none."""
    costs: CostBooks
    months: MonthBudgets
    lacking: Mapping[Track, str] = field(default_factory=dict)
    """The tracks that can't be ordered, and the setting that would change that."""
    delivered: Delivered | None = None
    """What is delivered from elsewhere, if anything is."""
    transcribes: bool = True
    """Whether anybody is set who writes recordings down."""
    outside: Collection[StepKind] = ()
    """The steps of audiobooks that are left to outside workers."""
    upload_lifetime: timedelta = timedelta(hours=24)
    """How long an upload session lives of which nothing is heard."""
    public_url: str = ""
    """Where the outside finds this API, if that is set: scheme and host."""
    temporal_ui: Callable[[], tuple[str, str] | None] = lambda: None
    """The address of Temporal's UI and the namespace, where there is one."""

    @property
    def versions(self) -> PageVersions:
        """Versions of pages and their tracks: chosen, written, made anew."""
        return PageVersions(self.database)


async def backend(request: Request) -> Backend:
    """The backend that the app was made with."""
    found: Backend = request.app.state.backend
    return found


TheBackend = Annotated[Backend, Depends(backend)]


_BEARER = HTTPBearer(auto_error=False, scheme_name="key", description="A key from POST /api/keys.")


async def caller(request: Request, _documented: Annotated[object, Depends(_BEARER)]) -> Caller:
    """Who asks, as the guard found out."""
    found: Caller = request.state.caller
    return found


TheCaller = Annotated[Caller, Depends(caller)]


async def admin(caller: TheCaller) -> Caller:
    """An admin who asks. Raises Forbidden for everybody else."""
    if not caller.admin:
        raise Forbidden("this needs an admin key")
    return caller


TheAdmin = Annotated[Caller, Depends(admin)]


async def actor(request: Request, caller: TheCaller) -> Actor:
    """Who asks, as the audit log has it."""
    return Actor(caller.owner, caller.key_id, network(request))


TheActor = Annotated[Actor, Depends(actor)]


def acting_for(caller: Caller, user_id: str | None) -> OwnerId:
    """Whose things the caller means: their own, or for an admin somebody else's. Raises Forbidden."""
    if user_id is None or user_id == caller.owner:
        return caller.owner
    if not caller.admin:
        raise Forbidden("only an admin may name another user")
    return OwnerId(user_id)


BookName = Annotated[str, named("book", "there is no such book")]


async def the_book(name: BookName, backend: TheBackend, caller: TheCaller) -> ShelfBook:
    """The caller's book that a path names."""
    return await backend.shelf.book(caller.owner, name)


TheBook = Annotated[ShelfBook, Depends(the_book)]


JobName = Annotated[str, named("job", "there is no such job")]


async def the_job(name: JobName, backend: TheBackend, caller: TheCaller) -> JobRow:
    """The caller's job that a path names."""
    return await backend.jobs.job(caller.owner, name)


TheJob = Annotated[JobRow, Depends(the_job)]


def counted(text: str, what: str) -> int:
    """A number from a path. Raises NotFound for anything else, however long."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotFound(f"the book has no such {what}")
    return int(text)
