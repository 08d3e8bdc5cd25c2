"""A book as the reader page gets it."""

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.progress import JobState
from bookwright.text.direction import Direction


class ReaderChapter(Payload):
    """A chapter and its pages (1-based through the book, inclusive)."""

    number: int
    title: str
    first_page: int
    last_page: int


class ReaderPage(Payload):
    """Where a page stands. It can be heard once it is `completed`."""

    number: int
    label: str | None = None
    """The page's printed name where it differs from its number."""
    state: TrackState
    duration_ms: int = 0
    error: str | None = None
    """Why it can't be heard, for people."""
    made_by: str | None = None
    """The provider, model and voice that spoke it."""
    stand_in: bool = False
    """Whether that was not the one who was chosen first, because that one could not be had."""
    audio_url: str | None = None
    """Its sound, when it can be heard. Another take of the page has another URL."""
    image_state: TrackState = TrackState.SKIPPED
    """Where its picture stands; `skipped` when none was ordered, or it has no text to draw."""
    image_url: str | None = None
    """Its picture, when it has one; another one has another URL."""
    image_note: str | None = None
    """What is wrong with it, for people, when it was kept although it is not true to the book's characters."""
    ambience_state: TrackState = TrackState.SKIPPED
    """Where its ambient sound stands, as its picture."""
    ambience_url: str | None = None
    """The ambient sound of its scene, to be looped when somebody switches it on."""
    scene: str | None = None
    """What the scene is called that it belongs to: where it is, and the weather or the time, in English."""


class ReaderFile(Payload):
    """A file of an edition to download."""

    edition: str
    chapter: int | None = None
    name: str
    bytes: int
    duration_ms: int
    missing_pages: tuple[int, ...] = ()
    url: str


class ReaderBook(Payload):
    """A whole book without its text. While it is not `closed`, more pages are to come."""

    book_id: str
    number: int
    title: str
    author: str | None = None
    language: str
    """BCP 47; `und` until the text was read."""
    direction: Direction
    state: JobState
    closed: bool
    reason: str | None = None
    cover_url: str
    chapters: tuple[ReaderChapter, ...]
    pages: tuple[ReaderPage, ...]
    files: tuple[ReaderFile, ...]


class ReaderWord(Payload):
    """A word: its place in the page's text (code points, end exclusive) and in its audio (milliseconds)."""

    start: int
    end: int
    begin_ms: int
    end_ms: int


class ReaderSentence(Payload):
    """A sentence: its place in the text and in the audio. The times are null while it can't be heard."""

    start: int
    end: int
    begin_ms: int | None = None
    end_ms: int | None = None
    words: tuple[ReaderWord, ...] = ()
    """In reading order, not overlapping; empty where the voice gives no timings."""


class ReaderParagraph(Payload):
    """A paragraph; a line break inside it is one of verse."""

    start: int
    end: int
    sentences: tuple[ReaderSentence, ...]


class ReaderPicture(Payload):
    """A page's picture."""

    alt: str
    """For people who can't see it, in the book's language."""
    width: int
    height: int
    made_by: str | None = None
    """The provider and model that drew it."""
    judged: str | None = None
    """Who held it against the character sheet: a provider and model that looked at it, or `measured` by its pixels."""
    delivered_url: str | None = None
    """Where it is delivered from in the format and quality that suit who asks, if it is published."""


class ReaderPageText(ReaderPage):
    """A page with its text, and with its sound when there is one."""

    chapter: int
    text: str
    image: ReaderPicture | None = None
    """What is to be known of its picture before it is fetched."""
    paragraphs: tuple[ReaderParagraph, ...]
