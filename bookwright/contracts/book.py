"""A book's parts as activities and workflows speak of them."""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.documents import PageTrouble as PageTrouble
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookContext, Edition


class WordTiming(Payload):
    """One spoken word: its place in the text (code points) and in the audio (milliseconds from the clip's start)."""

    start: int = Field(ge=0)
    length: int = Field(ge=0)
    at_ms: int = Field(ge=0)


TEXT_SOURCE, NO_SOURCE, VISION_SOURCE = "text", "none", "vision:"
"""Where a page's text came from: the source's own; nowhere yet, or for good; a model, whose provider follows."""


UNKNOWN = "und"
"""The language of a book of which nothing has been read."""


class PageText(Payload):
    """One page as it is to be spoken and shown."""

    number: int = Field(ge=1)
    """1-based through the whole book."""
    chapter: int = Field(ge=1)
    text: str
    label: str | None = None
    """The page's printed name (`iv`, `12a`) where it differs from its number."""
    trouble: PageTrouble | None = None
    """Set when the page needs vision; `text` is then the best there is, or empty."""
    source: str = TEXT_SOURCE
    """Where its text came from: `text` (the source's own), `vision:gemini` (read off its picture, by whom), `none`."""


class ChapterText(Payload):
    """One chapter of a source text."""

    number: int = Field(ge=1)
    title: str
    pages: tuple[PageText, ...]


class SourceText(Payload):
    """A whole source text, taken apart. Page numbers run through the book without a gap."""

    title: str | None
    chapters: tuple[ChapterText, ...]

    @property
    def page_count(self) -> int:
        return sum(len(chapter.pages) for chapter in self.chapters)


class Voice(Payload):
    """One voice of a speech engine."""

    id: str
    """The engine's own name for it; what an order's `voice` names."""
    language: str
    name: str


class SpokenClip(Payload):
    """What a speech engine answers: audio bytes as it encodes them, and what it knows about them."""

    audio: bytes = Field(repr=False)
    media_type: str
    words: tuple[WordTiming, ...] = ()
    """Empty when the engine gives no timings."""
    cost_micros: int = Field(default=0, ge=0)
    external_id: str | None = None


class ClipFacts(Payload):
    """What examining a clip's audio found out. Kept with the answer, so that a page is composed without its audio."""

    sample_rate: int
    start_sample: int
    """The first sample that is heard; the engine's own leading silence is before it."""
    end_sample: int
    """One past the last sample that is heard."""
    hops: tuple[int, ...]
    """K-weighted energy of each 100 ms between the two, in tenths of a LUFS; what loudness is computed from."""
    words: tuple[WordTiming, ...] = ()
    """In milliseconds from `start_sample`."""


class PlacedClip(Payload):
    """A clip and where its text stands on the page (code points)."""

    asset: AssetId
    text_start: int
    text: str
    ends_paragraph: bool
    facts: ClipFacts


class Clip(Payload):
    """One clip of a page: the asset, and how it is placed."""

    asset: AssetId
    text_start: int
    """Where the clip's text begins in the page's text (code points)."""
    text: str
    sample_rate: int
    start_sample: int
    """The first and last sample that are heard; the engine's own leading and trailing silence is trimmed."""
    end_sample: int
    pause_ms: int
    """Silence after the clip."""
    words: tuple[WordTiming, ...] = ()


class Segment(Payload):
    """How one page sounds: its clips in order and the gain that brings them to the set loudness. Rendering a segment
    is a pure function of it and its clips, so the segment's hash stands for the page's audio."""

    page: int
    sample_rate: int
    gain_db: float
    loudness_lufs: float
    """Integrated loudness (EBU R 128) after the gain."""
    duration_ms: int
    clips: tuple[Clip, ...]


class TrackState(StrEnum):
    """Where a page's track, a stage or a chapter stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class ChapterBrief(Payload):
    """A chapter's title, as much of it as a history should carry, and its pages (1-based, inclusive)."""

    number: int
    title: str
    first_page: int
    last_page: int

    @property
    def pages(self) -> int:
        return self.last_page - self.first_page + 1


class UnreadPages(Payload):
    """A run of pages (1-based, inclusive), some of which are to be read off their pictures."""

    first_page: int
    last_page: int
    count: int
    """How many those are."""
    anew: bool = False
    """Whether they are read whatever text they have by now: somebody has asked for it."""


class BookPlan(Payload):
    """What reading the source found out. Page text stays in the store."""

    context: BookContext
    chapters: int
    words: int
    first: tuple[ChapterBrief, ...] = ()
    """The first chapters, as many as one listing has."""
    unread: tuple[UnreadPages, ...] = ()
    """The pages that are yet to be read off their pictures."""
    pictured: int = 0
    """How many pages were to be read so in all, by earlier jobs, too."""
    document: AssetId | None = None
    """The PDF that those are pages of."""
    whole: bool = False
    """Whether the book was read before, so that only those pages' texts are new; else, while there are such pages, the
    plan is for the time being."""


CHAPTERS_PER_LISTING = 100
"""Chapters listed at once: with titles of BRIEF_TITLE code points in any script, half of a payload's limit."""
BRIEF_TITLE = 80


class ChapterRange(Payload):
    """A request for the briefs of some chapters."""

    context: BookContext
    first: int = Field(ge=1)
    limit: int = Field(default=CHAPTERS_PER_LISTING, ge=1, le=CHAPTERS_PER_LISTING)


class PageBatch(Payload):
    """Some pages (1-based, inclusive) of one chapter, worked through by one activity."""

    context: BookContext
    chapter: int
    first_page: int
    last_page: int

    @property
    def pages(self) -> int:
        """How many there are."""
        return self.last_page - self.first_page + 1


class ReadingBatch(PageBatch):
    """Pages of a run that are read off their pictures, by one activity."""

    document: AssetId
    """The PDF."""
    count: int
    anew: bool = False
    """As of its `UnreadPages`."""

    @property
    def pages(self) -> int:
        return self.count


class ChapterRef(Payload):
    """One chapter of a job's book."""

    context: BookContext
    chapter: int


class EditionRef(Payload):
    """One edition of a job's book."""

    context: BookContext
    edition: Edition


class ChapterMark(Payload):
    """A chapter's place in an audiobook, in milliseconds."""

    title: str
    start_ms: int
    end_ms: int


class BoundFile(Payload):
    """One file of an edition."""

    edition: Edition
    chapter: int | None
    """None for an edition of the whole book."""
    name: str
    """The name a person's download gets: `01 The River.mp3`."""
    asset: AssetId
    media_type: str
    bytes: int
    duration_ms: int
    marks: tuple[ChapterMark, ...] = ()
    missing_pages: tuple[int, ...] = ()
