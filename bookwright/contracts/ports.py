"""The ports: what activities need from the outside, as protocols. The composition root decides who stands behind."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import (
    BookPlan,
    BoundFile,
    ChapterBrief,
    ChapterMark,
    ClipFacts,
    PageText,
    PageTrouble,
    PlacedClip,
    Segment,
    SourceText,
    SpokenClip,
    TrackState,
    Voice,
)
from bookwright.contracts.calls import Answer, CallCounts, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.documents import DocumentFacts, DocumentKind
from bookwright.contracts.errors import RateLimited
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId
from bookwright.contracts.orders import BookContext, BookOrder, Edition, Track
from bookwright.contracts.progress import JobEnd, StageChange

Failpoint = Callable[[str], None]
"""Called with the name of a step at which tests may kill or freeze the process; does nothing in production."""


class SpeechEngine(Protocol):
    """One speech provider. Everything but `speak` is pure and needs no network."""

    provider: str
    model: str
    max_chars: int
    """Code points that one call takes."""
    concurrency: int
    """Calls at once, over all jobs of this process."""

    def voices(self, language: str) -> Sequence[Voice]:
        """The voices for a BCP 47 language, best first. Raises UnknownLanguage."""
        ...

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted voice, or the best. Raises UnknownLanguage or UnknownVoice, naming what there is."""
        ...

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        """The provider call that speaks `text`, with its maximum cost."""
        ...

    async def speak(self, call: ProviderCall) -> SpokenClip:
        """Make the call. Raises Transient, Permanent, MustWait or NotSent; never retries by itself."""
        ...


class Ledger(Protocol):
    """The table of provider calls. Every method is one transaction."""

    async def reserve(self, call: ProviderCall, usage: Usage, holder: Holder) -> Reservation | Answer:
        """Reserve the call's maximum cost against the budgets, or answer what was bought before (its usage is then
        recorded too). Raises BudgetReached, CallInFlight while another holder is making the same call, or
        TakeRejected when this take was answered uselessly before."""
        ...

    async def sent(self, reservation: Reservation, deadline_s: float) -> None:
        """Record, before the request leaves, that an attempt is being made and by when it must have ended.
        Raises Fenced when a newer attempt has taken over."""
        ...

    async def settle(self, reservation: Reservation, answer: Answer) -> None:
        """Record the stored answer and its actual cost. Raises Fenced when a newer attempt has taken over; the late
        answer is then kept as such and stays charged."""
        ...

    async def reject(self, reservation: Reservation, reason: str, cost_micros: int) -> None:
        """The answer came, may have been paid, and is unusable."""
        ...

    async def fail(self, reservation: Reservation, reason: str) -> None:
        """The call was surely not paid: give the reserved amount back."""
        ...

    async def lose(self, reservation: Reservation, reason: str) -> None:
        """No answer is known: mark the attempt ambiguous. It stays charged at its maximum."""
        ...

    async def counts(self, owner: OwnerId, job: JobId) -> CallCounts:
        """The totals of one job."""
        ...


class AssetStore(Protocol):
    """Immutable blobs under their content hash."""

    async def put(self, data: bytes, media_type: str) -> AssetId:
        """Store bytes; the same bytes are stored once. On disk, complete and synced, when this returns.
        Raises StorageFull and leaves nothing half-written."""
        ...

    async def put_file(self, path: Path, media_type: str) -> AssetId:
        """Move a finished file into the store (it must be on the store's own disk, see `scratch`)."""
        ...

    async def get(self, asset: AssetId) -> bytes:
        """The bytes. Raises AssetMissing or AssetCorrupt (the hash is checked)."""
        ...

    async def exists(self, asset: AssetId) -> bool: ...

    def check_room(self) -> None:
        """Raise StorageFull when too little room is left to begin something that costs money."""
        ...

    def path(self, asset: AssetId) -> Path:
        """A local path to read the asset from. Raises AssetMissing."""
        ...

    def scratch(self) -> Path:
        """A folder on the store's disk for files that are still being written; swept at start."""
        ...


class Material(Payload):
    """A provider's answer that was examined and found good: what is stored and settled."""

    data: bytes = Field(repr=False)
    media_type: str
    facts: dict[str, Any]
    cost_micros: int = Field(ge=0)


class CallLimit(Protocol):
    """How many calls one provider takes at once, and until when it takes none."""

    @property
    def ahead(self) -> AbstractAsyncContextManager[None]:
        """Room for calls that are being reserved or made: enough that the provider never waits for us, and no more,
        so that reserving a whole book does not stand in the way of the calls that are due."""
        ...

    @property
    def deck(self) -> AbstractAsyncContextManager[None]:
        """Room for calls that are marked as sent: those being made and the few that are next in line."""
        ...

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *exc: object) -> None: ...

    def check(self) -> None:
        """Raise RateLimited while the provider has asked to be left alone."""
        ...

    def close_until(self, wait: RateLimited) -> None:
        """Let no call begin before the time that the provider gave."""
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


class PageWork(Payload):
    """A page that still has to be worked on: its text, and which take its track is at."""

    page: PageText
    take: int = 0


class PageSegment(Payload):
    """One page's narration: its segment's asset, or None when it is missing, and why."""

    number: int
    asset: AssetId | None
    duration_ms: int = 0
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
    text_changed_at: datetime
    changed_at: datetime
    """When the newest of its text and sound was made."""
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

    async def load_plan(self, order: BookOrder, job: JobId) -> BookPlan:
        """The plan of a book whose source was saved before: its own title, language and voice, the order's tracks,
        editions and priority. Raises NotFound."""
        ...

    async def chapters(self, owner: OwnerId, book: BookId, first: int, limit: int) -> list[ChapterBrief]: ...

    async def pages(self, owner: OwnerId, book: BookId, first: int, last: int) -> list[PageText]: ...

    async def begin_pages(self, context: BookContext, track: Track, first: int, last: int) -> list[PageWork]:
        """Mark the range's pages whose track is not completed as processing, and answer them in order."""
        ...

    async def page_outcome(self, context: BookContext, outcome: PageOutcome) -> None:
        """Record a page's outcome, its stage's progress and its event in one transaction. Repeating it, or reporting
        a failure of a page that is completed, changes nothing."""
        ...

    async def track_counts(
        self, owner: OwnerId, book: BookId, track: Track, first: int, last: int
    ) -> dict[TrackState, int]: ...

    async def binding_material(self, owner: OwnerId, book: BookId, chapter: int | None) -> BindingMaterial:
        """What one chapter, or the whole book, is bound from."""
        ...

    async def stage(self, context: BookContext, change: StageChange) -> None:
        """Begin or end a stage; times are set once."""
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
        """Record how the job ended. A closed job stays as it is."""
        ...


class ChapterAudio(Payload):
    """What binding needs of a chapter: its number, its title and its pages' segments in order."""

    number: int
    title: str
    segments: tuple[Segment, ...]


class AudioTags(Payload):
    """What an audio file says about itself."""

    title: str
    author: str | None = None
    language: str
    album: str
    track: int | None = None
    tracks: int | None = None


class EncodedAudio(Payload):
    """What was encoded, and where its chapters truly begin and end in the file."""

    duration_ms: int
    marks: tuple[ChapterMark, ...]


class EncodedPage(Payload):
    """One page's MP3, made by `encode_page`, and its segment's duration."""

    number: int
    label: str | None = None
    """The page's printed name where it differs from its number."""
    path: Path
    duration_ms: int


class PagePlace(Payload):
    """Where a page is heard in its chapter's file."""

    number: int
    begin_ms: int
    end_ms: int


class JoinedPages(Payload):
    """A chapter's MP3: its duration, and where its pages truly begin and end."""

    duration_ms: int
    pages: tuple[PagePlace, ...]


class EncodedChapter(Payload):
    """One chapter's M4A, made by `encode_chapter`, and the sum of its segments' durations."""

    title: str
    path: Path
    duration_ms: int


class AcxReport(Payload):
    """What was measured on a decoded audio file, against the rules of ACX."""

    sample_rate: int
    channels: int
    kbits: int
    rms_db: float
    """Over the whole file, 0 dB being a full-scale square wave; -100 is silence, here and below."""
    peak_db: float
    """The greatest sample."""
    floor_db: float
    """The RMS of the quietest half second."""
    head_s: float
    """Silence (under -60 dB) before the first sound."""
    tail_s: float
    problems: tuple[str, ...]
    """The rules that are not kept, in words; empty for a good file."""


class AudioPress(Protocol):
    """Turns clips into pages and pages into files. Synchronous and CPU-bound: callers run it off the event loop, where
    as many threads as there are cores work side by side (encoders hold no lock of Python's).

    The same input gives the same bytes. `on_progress` gets the milliseconds done so far, is called again and again, and
    may raise to stop. Whatever is raised, no file is left at `target`. A clip's file that is not
    what its segment says raises AssetCorrupt. Memory does not grow with the length of a chapter or a book."""

    def examine(self, text: str, clip: SpokenClip) -> ClipFacts:
        """Decode a clip once and say what it holds. Raises BadAnswer when it can't be decoded, is silent, or can't
        hold the whole text: far too short for it, or its words not covered."""
        ...

    def compose(self, page: int, clips: Sequence[PlacedClip]) -> Segment:
        """Space and level the clips of one page. Pure; a page without clips is a short silence."""
        ...

    def encoding_rate(self, clip_rates: Iterable[int]) -> int:
        """The sample rate (Hz) that all pages and chapters of a book with such clips are encoded at, so that they can
        be joined. Part of the recipe of every encoded page and chapter."""
        ...

    def encode_page(
        self,
        segment: Segment,
        rate: int,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """One page as an MP3 without tags: 64 kbit/s mono, -18 LUFS, at most -1.5 dBTP (the peak goes before the
        loudness where a sound is all peaks). Depends on the segment, its clips and the rate alone."""
        ...

    def join_pages(
        self,
        pages: Sequence[EncodedPage],
        tags: AudioTags,
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> JoinedPages:
        """A chapter's MP3 from its pages' (at least one, all at one rate), copied, not encoded again; with a mark for
        each page, tags and cover (JPEG or PNG). Each page begins within half a frame (13 ms; at 32 kHz 18 ms) of the
        sum of the durations before it. Raises BadInput for no page and AssetCorrupt for a page's file that is not as
        long as it should be."""
        ...

    def encode_chapter(
        self,
        segments: Iterable[Segment],
        rate: int,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """One chapter (at least one segment) as an M4A without tags: AAC, 64 kbit/s mono, each page as in
        `encode_page`."""
        ...

    def join_chapters(
        self,
        chapters: Sequence[EncodedChapter],
        tags: AudioTags,
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """A book's M4B from its chapters' M4As (at least one, all at one rate), copied, not encoded again; with marks,
        tags and cover. Each chapter begins within half a frame (23 ms) of the sum of the durations before it. Raises
        as `join_pages`."""
        ...

    def encode_acx(
        self,
        chapter: ChapterAudio,
        tags: AudioTags,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """One chapter as ACX takes it: MP3, 192 kbit/s, 44.1 kHz, mono; 0.75 s of silence before it and 1.8 s after.
        Raises BadInput for a chapter without a segment."""
        ...

    def acx_report(self, path: Path) -> AcxReport:
        """Decode an audio file and hold it against the rules of ACX. Raises BadInput when it can't be decoded."""
        ...

    def encode(
        self,
        edition: Edition,
        chapters: Iterable[ChapterAudio],
        tags: AudioTags,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """Encode chapters to `target`, in bounded memory; `on_progress` gets the milliseconds done so far and may
        raise to stop. `cover` is a JPEG or PNG."""
        ...


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

    def cover(self, title: str, author: str | None, language: str) -> bytes:
        """A square JPEG, 1,400 pixels wide."""
        ...
