"""What somebody asked for: the order of a book, and the order of one of its chapters."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, field_validator

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, BookId, OwnerId
from bookwright.contracts.stories import Ages, Brief, Notes, PageRewrite

NAME_LIMIT = 300
"""Characters in a title, an author or a voice."""
INLINE_LIMIT = 32_000
"""Characters of text that may travel inside an order; longer text is stored first and named by its asset id."""


class Track(StrEnum):
    """What a page can carry besides its text."""

    NARRATION = "narration"
    ILLUSTRATIONS = "illustrations"
    SOUNDSCAPE = "soundscape"
    ANALYSIS = "analysis"
    """What the page tells of, from which its picture and sound are made: made along with them, never ordered."""
    VALIDATION = "validation"
    """Whether the page's picture shows the book's characters as they look: made of a book that has a character sheet,
    never ordered."""
    READING = "reading"
    """The page's text itself, of a page whose document has none that is good: read by a model that sees, never
    ordered."""


TRACKS = (Track.NARRATION, Track.ILLUSTRATIONS, Track.SOUNDSCAPE)
"""The tracks that can be ordered."""


def made_tracks(ordered: Iterable[Track], *, validated: bool = False) -> tuple[Track, ...]:
    """All tracks that are made for those that were ordered, in the order in which their stages are shown. `validated`
    says that the book has a character sheet, against which its pictures are held."""
    wanted = set(ordered)
    if wanted & {Track.ILLUSTRATIONS, Track.SOUNDSCAPE}:
        wanted.add(Track.ANALYSIS)
    if validated and Track.ILLUSTRATIONS in wanted:
        wanted.add(Track.VALIDATION)
    shown = (Track.NARRATION, Track.ANALYSIS, Track.ILLUSTRATIONS, Track.VALIDATION, Track.SOUNDSCAPE)
    return tuple(track for track in shown if track in wanted)


def main_track(ordered: Iterable[Track]) -> Track | None:
    """The track that a chapter's and a job's pages are counted by; None of an order for a text alone."""
    return next((track for track in TRACKS if track in set(ordered)), None)


class Edition(StrEnum):
    """What a book is bound as."""

    MP3 = "mp3"
    """One MP3 per chapter."""
    M4B = "m4b"
    """One audiobook file with chapters, cover and tags."""
    M4B_AMBIENCE = "m4b-ambience"
    """The same with the book's soundscapes under the narration; never made unless it is asked for."""
    EPUB = "epub"
    """EPUB 3 with media overlays: the words in step with the narration."""
    PDF = "pdf"
    """To read and to print, tagged (PDF/UA-1)."""
    ACX = "acx"
    """One MP3 per chapter as the ACX audiobook exchange takes it."""
    BUNDLE = "bundle"
    """A ZIP file of all the others, with a manifest and checksums."""

    @property
    def by_chapter(self) -> bool:
        """Whether it is a file for each chapter instead of one for the book."""
        return self in (Edition.MP3, Edition.ACX)


WITH_AMBIENCE = frozenset({Edition.M4B_AMBIENCE})
"""The editions of the whole book that have its soundscapes in them; they wait for them, the others don't."""
OF_SOUND = frozenset({Edition.MP3, Edition.M4B, Edition.M4B_AMBIENCE, Edition.EPUB, Edition.ACX})
"""The editions that take their sound from the chapters' own, which is encoded when a chapter is finished."""
DEFAULT_EDITIONS = (Edition.MP3, Edition.M4B, Edition.EPUB, Edition.PDF)
_SHOWING = {
    Track.NARRATION: (Edition.MP3, Edition.M4B, Edition.EPUB),
    Track.ILLUSTRATIONS: (Edition.EPUB, Edition.PDF),
    Track.SOUNDSCAPE: (),
}
"""The editions that a track is seen or heard in. Soundscapes are heard in the reader: the only files that have them are
those WITH_AMBIENCE, and nobody gets these unasked."""


def editions_with(editions: Iterable[Edition], tracks: Iterable[Track]) -> tuple[Edition, ...]:
    """These editions and those that show the tracks, in the usual order: for soundscapes none but these."""
    wanted = {*editions, *(edition for track in tracks for edition in _SHOWING[track])}
    return tuple(edition for edition in Edition if edition in wanted)


class JobKind(StrEnum):
    """The kinds of job that admission counts separately."""

    STORY = "story"
    """A story, or a page of one, is to be written first."""
    IMAGE = "image"
    """Pictures for a text that is there, and no sound."""
    AUDIO = "audio"


class TextFormat(StrEnum):
    """How the source text marks its chapters and pages."""

    PLAIN = "plain"
    MARKDOWN = "markdown"


class InlineText(Payload):
    """A short text inside the order itself, so that a book can be started by hand."""

    kind: Literal["inline"] = "inline"
    text: str = Field(min_length=1, max_length=INLINE_LIMIT)
    format: TextFormat = TextFormat.MARKDOWN


class StoredText(Payload):
    """A text of any length in the asset store: the bytes as they were handed in."""

    kind: Literal["stored"] = "stored"
    asset: AssetId
    format: TextFormat = TextFormat.MARKDOWN
    name: str = Field(default="text", max_length=NAME_LIMIT)
    """The name shown to people; never used as a path."""


class StoredDocument(Payload):
    """A document (PDF, EPUB, DOCX, HTML) in the asset store: the bytes as they were handed in."""

    kind: Literal["document"] = "document"
    asset: AssetId
    format: DocumentKind
    name: str = Field(default="document", max_length=NAME_LIMIT)
    """The name shown to people; never used as a path."""


class Recordings(Payload):
    """The recordings of an audiobook, which its upload session has brought: `AudiobookIngestion` writes them down."""

    kind: Literal["recordings"] = "recordings"
    upload: str = Field(min_length=1, max_length=64)


class ExistingBook(Payload):
    """The pages a book already has: what `retry` and later generations start from."""

    kind: Literal["existing"] = "existing"


Source = Annotated[
    InlineText | StoredText | StoredDocument | Recordings | ExistingBook | Brief | Notes, Field(discriminator="kind")
]


class BookOrder(Payload):
    """One order for a book; the single argument of `BookGeneration`."""

    book_id: BookId = Field(min_length=1, max_length=64)
    source: Source
    owner_id: OwnerId = Field(default=LOCAL_OWNER, min_length=1, max_length=64)
    generation: int = Field(default=1, ge=1)
    title: str | None = Field(default=None, max_length=NAME_LIMIT)
    author: str | None = Field(default=None, max_length=NAME_LIMIT)
    language: str | None = Field(default=None, max_length=35)
    """BCP 47, such as `en`, `hi` or `pt-BR`; detected from the text when not given."""
    voice: str | None = Field(default=None, max_length=NAME_LIMIT)
    tracks: tuple[Track, ...] = (Track.NARRATION,)
    """None at all is an order for a story's text alone."""
    editions: tuple[Edition, ...] = DEFAULT_EDITIONS
    style: PictureStyle = PictureStyle.ARTISTIC
    """Of its pictures."""
    pictures: int | None = Field(default=None, ge=1, le=100_000)
    """How many of its pages get one, spread evenly from the first on; None is all."""
    rewrites: tuple[PageRewrite, ...] = Field(default=(), max_length=100)
    """Pages whose text is to be written anew first; of an existing book whose story was written here."""
    then: tuple[Track, ...] = ()
    """The tracks of a job that is ordered when this one is done."""
    budget_usd: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=6)
    """The most that this order may cost; None is no limit of its own."""
    priority: int = Field(default=5, ge=1, le=10)
    """1 is served first."""
    max_retries: int = Field(default=0, ge=0, le=10)
    """How often its job goes back into the queue when it has failed."""
    child_profile_id: str | None = Field(default=None, max_length=64)
    """What whoever ordered it calls the child that it is for; told to nobody else."""
    review: bool = False
    """Wait for approval when the text was read or written, before anything is made from it."""
    review_sheet: bool = False
    """Wait for approval of the character sheet, too, before a story is written with it."""

    @field_validator("tracks", "then")
    @classmethod
    def _can_be_ordered(cls, tracks: tuple[Track, ...]) -> tuple[Track, ...]:
        if not set(tracks) <= set(TRACKS):
            raise ValueError("choose from " + ", ".join(TRACKS))
        return tuple(dict.fromkeys(tracks))

    @property
    def is_written(self) -> bool:
        """Whether its text is yet to be written."""
        return isinstance(self.source, Brief | Notes)

    @property
    def source_asset(self) -> AssetId | None:
        """The stored bytes that the book is made from, if any."""
        match self.source:
            case StoredText() | StoredDocument():
                return self.source.asset
            case Notes():
                return self.source.content
            case Brief():
                return self.source.character_image
        return None

    @property
    def kind(self) -> JobKind:
        """The kind that admission counts this order under."""
        if self.is_written or self.rewrites:
            return JobKind.STORY
        return JobKind.IMAGE if self.tracks == (Track.ILLUSTRATIONS,) else JobKind.AUDIO


class BookContext(Payload):
    """The facts of a job that its chapters and activities need: who, which book, which job, in which language."""

    owner_id: OwnerId
    book_id: BookId
    job_id: str
    title: str
    language: str
    voice: str
    narrator: str = ""
    """The voice's name, as people call it."""
    editions: tuple[Edition, ...]
    tracks: tuple[Track, ...]
    pages: int
    priority: int = 5
    ages: Ages | None = None
    """Whom it is for, when that was said."""
    style: PictureStyle = PictureStyle.ARTISTIC
    pictures: int | None = None
    """How many pages get a picture; None is all."""
    sheet: AssetId | None = None
    """Its `CharacterSheet`, if it has one."""
    search: AssetId | None = None
    """The `SearchScenes` of a search-and-find book."""
    composed: bool = False
    """Whether its text was put together from templates, which the book says openly."""
    scenes_at_once: int | None = Field(default=None, ge=1)
    """Pictures that may be in the making, and in validation, at the same time; None is as many as the engine takes."""
    by_scene: bool = False
    """Whether its soundscapes are made by scenes of the book; else, of a book that was begun before there were any, by
    chapters."""
    analysed_for_scenes: bool = False
    """Whether nothing but its scenes needs the analyses: who looks for scenes then has the pages analysed, too, all of
    them in the order of the book."""

    @property
    def made(self) -> tuple[Track, ...]:
        """All tracks that are made for those that were ordered."""
        return made_tracks(self.tracks, validated=self.sheet is not None)

    def is_pictured(self, page: int) -> bool:
        """Whether a page is one of those that get a picture: spread evenly, from the first on."""
        if self.pictures is None or self.pictures >= self.pages:
            return True
        place = -(-(page - 1) * self.pictures // self.pages)
        return 1 + place * self.pages // self.pictures == page

    @property
    def made_by_chapters(self) -> tuple[Track, ...]:
        """Those of them that each chapter makes for itself."""
        return tuple(track for track in self.made if track not in self.made_for_scenes)

    @property
    def made_for_scenes(self) -> tuple[Track, ...]:
        """Those of them that `SceneScoring` makes through the whole book."""
        if not self.by_scene or Track.SOUNDSCAPE not in self.tracks:
            return ()
        return (Track.ANALYSIS, Track.SOUNDSCAPE) if self.analysed_for_scenes else (Track.SOUNDSCAPE,)

    @property
    def counted(self) -> Track | None:
        """The track that its chapters' pages are counted by, if they make any."""
        return next((track for track in (*TRACKS, Track.ANALYSIS) if track in self.made_by_chapters), None)


class TrackProgress(Payload):
    """How far a chapter came with one of its tracks."""

    next_page: int = Field(ge=1)
    """Where to go on."""
    done: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)


class ChapterOrder(Payload):
    """The single argument of `ChapterProduction`: make the tracks of a run of pages of one chapter."""

    context: BookContext
    chapter: int = Field(ge=1)
    title: str
    first_page: int = Field(ge=1)
    last_page: int = Field(ge=1)
    next_page: int = Field(ge=1)
    """Where to go on; later than `first_page` after a continue-as-new."""
    done_pages: int = Field(default=0, ge=0)
    failed_pages: int = Field(default=0, ge=0)
    """Outcomes of the main track, counted by the runs before this one."""
    others: dict[Track, TrackProgress] = Field(default_factory=dict)
    """How far those runs came with the other tracks."""
    narrated_together: int = Field(default=8, ge=1, le=32)
    """Pages that one activity narrates; a chapter that was begun by an earlier release has the default."""
    paused: bool = False
