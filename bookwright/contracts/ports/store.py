"""The ports of what is kept: assets, and what activities read and write of books."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bookwright.contracts.aliases import Alias
from bookwright.contracts.base import Payload
from bookwright.contracts.book import (
    BookPlan,
    BoundFile,
    ChapterBrief,
    PageBatch,
    PageText,
    PageTrouble,
    SourceText,
    TrackState,
)
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId
from bookwright.contracts.lexicon import LexiconEntry
from bookwright.contracts.orders import BookContext, BookOrder, Edition, Track
from bookwright.contracts.progress import JobEnd, StageChange
from bookwright.contracts.stories import PageRewrite


class AssetStore(Protocol):
    """Immutable blobs under their content hash."""

    async def put(self, data: bytes, media_type: str) -> AssetId:
        """Store bytes; the same bytes are stored once. On disk, complete and synced, when this returns.
        Raises StorageFull or ServiceUnavailable, and leaves nothing half-written."""
        ...

    async def put_file(self, path: Path, media_type: str) -> AssetId:
        """Move a finished file, which lies in `scratch()`, into the store. Raises as `put` does."""
        ...

    async def get(self, asset: AssetId) -> bytes:
        """The bytes. Raises AssetMissing or AssetCorrupt (the hash is checked)."""
        ...

    async def exists(self, asset: AssetId) -> bool: ...

    async def check_room(self) -> None:
        """Raise StorageFull when too little room is left to begin something that costs money."""
        ...

    def path(self, asset: AssetId) -> Path:
        """A local file to read, which stays for some minutes. May block for as long as it takes to fetch the asset:
        not for the event loop. Raises AssetMissing."""
        ...

    def scratch(self) -> Path:
        """A local folder for files that are still being written; swept at start."""
        ...


class PageOutcome(Payload):
    """What a unit's work came to: a segment, or the reason why there is none."""

    page: int
    track: Track
    state: TrackState
    asset: AssetId | None = None
    duration_ms: int = 0
    error_type: str | None = None
    error: str | None = None
    made_by: str | None = None
    """The provider, model and voice that made it."""
    stand_in: bool = False
    """Whether that was not the one who was chosen first."""
    aliases: tuple[Alias, ...] = ()
    """Public keys of what was made, when it is a file that readers get as it is."""
    read: PageText | None = None
    """The page with the text that was read off its picture."""
    instead_of: int | None = None
    """The version of the page that this text takes the place of, and of no other; None is a page without good text."""
    attempts: int = 1
    """How often it was tried."""
    trace: str | None = None
    """Where it failed, for operators only."""


class PageWork(Payload):
    """A page that still has to be worked on: its text, and which take its track is at."""

    page: PageText
    take: int = 0
    version: int = 1
    """Of the page's text."""


class NarrationNotes(Payload):
    """What a batch of pages is narrated by, besides its text."""

    lexicon: tuple[LexiconEntry, ...]
    """How words of the book are said."""
    spoken_by: dict[int, str]
    """Who spoke the narrated pages of the chapter that are near the batch, by their numbers."""


class PageSegment(Payload):
    """One page to bind: its narration (the segment's asset, or None when it is missing, and why) and its picture."""

    number: int
    asset: AssetId | None
    duration_ms: int = 0
    plate: AssetId | None = None
    """Its picture (a `Plate`), when it has one."""
    version: int = 1
    """Of the page's text."""
    label: str | None = None
    trouble: PageTrouble | None = None
    """Why the page's text is not the whole of it."""
    error: str | None = None


class BindingChapter(Payload):
    """One chapter and its pages in order."""

    number: int
    title: str
    pages: tuple[PageSegment, ...]


class BindingMaterial(Payload):
    """What files are bound from: the wanted chapters, of how many."""

    author: str | None
    chapter_count: int
    seen_changed_at: datetime
    """When the newest of its text and pictures was made."""
    changed_at: datetime
    """When the newest of its text, pictures and sound was made."""
    chapters: tuple[BindingChapter, ...]


class Books(Protocol):
    """What activities read and write of books and jobs. Every write is one transaction with its event."""

    async def open_job(self, order: BookOrder, workflow_id: str) -> JobId:
        """Make sure that the book and the job exist and say that the job runs. Safe to repeat."""
        ...

    async def save_source(self, plan: BookPlan, author: str | None, source: SourceText) -> None:
        """Write the chapters and pages of the source text, replacing none that is already there with the same text;
        a page whose text differs gets a new version and its tracks become pending. Safe to repeat."""
        ...

    async def save_draft(self, plan: BookPlan, author: str | None, source: SourceText) -> None:
        """Write the pages of a text that is not whole yet: some are to be read off their pictures. Does nothing for a
        book that has pages. Safe to repeat."""
        ...

    async def unread(self, owner: OwnerId, book: BookId) -> list[int]:
        """The numbers of the pages that have no good text, each with its track of being read off its picture. Safe to
        repeat."""
        ...

    async def asked_anew(self, owner: OwnerId, book: BookId) -> list[int]:
        """The numbers of the pages that have a text, and that somebody wants to be read off their pictures."""
        ...

    async def document(self, owner: OwnerId, book: BookId) -> AssetId | None:
        """The PDF that the book was read from, if it was."""
        ...

    async def was_read(self, owner: OwnerId, book: BookId) -> bool:
        """Whether the book's text was saved as a whole."""
        ...

    async def load_plan(self, order: BookOrder, job: JobId) -> BookPlan:
        """The plan of a book whose source was saved before: its own title, language and voice, the order's tracks,
        editions and priority. Raises NotFound."""
        ...

    async def chapters(self, owner: OwnerId, book: BookId, first: int, limit: int) -> list[ChapterBrief]: ...

    async def pages(self, owner: OwnerId, book: BookId, first: int, last: int) -> list[PageText]: ...

    async def begin_pages(self, context: BookContext, track: Track, first: int, last: int) -> list[PageWork]:
        """Mark the range's pages whose track is not completed as processing, and answer them in order."""
        ...

    async def narration_notes(self, batch: PageBatch) -> NarrationNotes:
        """What the batch is narrated by."""
        ...

    async def save_pronounced(self, context: BookContext, segment: AssetId, mark: str) -> None:
        """Note by which of the book's pronunciations a page's sound was made (`contracts.lexicon.mark_of`). Safe to
        repeat."""
        ...

    async def page_outcome(self, context: BookContext, outcome: PageOutcome) -> None:
        """Record a page's outcome, its stage's progress and its event in one transaction. Repeating it, or reporting
        a failure of a page that is completed, changes nothing."""
        ...

    async def replace_made(
        self, context: BookContext, outcome: PageOutcome, instead_of: AssetId, *, keep: bool
    ) -> bool:
        """Put what was made of a page's track anew in place of what is there, which is kept as a version if `keep` says
        so; else only what is said of it is replaced, and it stays who made it. False, with nothing changed, when
        something else is there by now. Safe to repeat."""
        ...

    async def change_text(self, context: BookContext, page: int, old: str, new: str) -> None:
        """Give a page of the job's book another text, unless it has another one than `old` by now. Its narration is to
        be made anew; the old text is kept as a version. Safe to repeat."""
        ...

    async def page_version(self, owner: OwnerId, book: BookId, page: int) -> int:
        """Which version of its text a page is at. Raises NotFound."""
        ...

    async def rewrite(self, owner: OwnerId, book: BookId, wanted: PageRewrite, text: str) -> None:
        """Give a page another text, unless it is at another version than `wanted` by now. Its narration is to be made
        anew; the old text is kept as a version. Safe to repeat."""
        ...

    async def made(self, owner: OwnerId, book: BookId, track: Track, first: int, last: int) -> dict[int, AssetId]:
        """What has been made of a track for the range's pages, by the page; the others are left out."""
        ...

    async def track_counts(
        self, owner: OwnerId, book: BookId, track: Track, first: int, last: int
    ) -> dict[TrackState, int]: ...

    async def binding_material(self, owner: OwnerId, book: BookId, chapter: int | None) -> BindingMaterial:
        """What one chapter, or the whole book, is bound from."""
        ...

    async def stage(self, context: BookContext, *changes: StageChange) -> None:
        """Begin or end stages; times are set once."""
        ...

    async def hold(self, owner: OwnerId, job: JobId, reason: str | None, *, paused: bool) -> None:
        """Mark the job as paused for a reason, as running but waiting for a provider (a reason, not paused), or as
        running. A closed job stays as it is."""
        ...

    async def set_budget(self, owner: OwnerId, job: JobId, cap_micros: int) -> None: ...

    async def renditions(self, owner: OwnerId, book: BookId, recipes: Sequence[str]) -> dict[str, AssetId]:
        """What has been made from these recipes already: parts of editions, such as a page's MP3."""
        ...

    async def save_rendition(self, context: BookContext, recipe: str, asset: AssetId) -> None:
        """Record what was made from a recipe, the hash of all that went into it."""
        ...

    async def save_aliases(self, owner: OwnerId, book: BookId, names: Sequence[Alias]) -> None:
        """Put assets that have rows behind their public keys, in place of what was there. Safe to repeat."""
        ...

    async def files(self, owner: OwnerId, book: BookId) -> list[BoundFile]:
        """All files of a book."""
        ...

    async def save_file(self, context: BookContext, file: BoundFile, recipe: str) -> None:
        """Record a bound file; `recipe` is the hash of all that it was made from. Replaces the one before it."""
        ...

    async def file(
        self, owner: OwnerId, book: BookId, edition: Edition, chapter: int | None, recipe: str
    ) -> BoundFile | None:
        """The file already bound from exactly this recipe."""
        ...

    async def drop_file(self, owner: OwnerId, book: BookId, edition: Edition, chapter: int | None) -> None:
        """Forget a bound file, which is not what it would be bound from now. Safe to repeat."""
        ...

    async def close_job(self, end: JobEnd) -> None:
        """Record how the job ended, and the stages that it says have. A closed job stays as it is."""
        ...
