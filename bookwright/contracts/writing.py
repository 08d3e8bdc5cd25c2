"""A story while it is written: whom it is about, what happens, its pages, and what each page's picture shows.

All of it is data that a writer answers with (`text.stories` has the questions and the JSON Schemas) and that is kept as
JSON assets: what has been written once is not asked for again."""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import LONG, SHORT
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookOrder
from bookwright.contracts.progress import Deferred
from bookwright.contracts.stories import Thing

SUMMARY = 2_000
"""Characters of what a chapter, or all chapters before one, tell of."""


class Purpose(StrEnum):
    """What a writer is asked for: `TextTask.purpose`, the operation in the ledger and in the price table."""

    CAST = "character_extraction"
    """A brief, and a picture if there is one → a `Cast`."""
    SHEET = "enhancement"
    """The cast → a `CharacterSheet` without its reference."""
    OUTLINE = "outline"
    """Sheet and brief, or notes → an `Outline`."""
    CHAPTER = "chapter"
    """The outline and what was before → a `DraftChapter`."""
    SCENES = "search_scenes"
    """Sheet and brief → `DraftPage`s with things to find."""
    GRAMMAR = "grammar"
    """A chapter's pages → the same pages without mistakes."""
    PAGE = "page_rewriting"
    """A chapter's pages and which of them → the text of that page, told anew."""


class CastMember(Payload):
    """Somebody who is in a story."""

    name: str = Field(min_length=1, max_length=SHORT)
    kind: str = Field(min_length=1, max_length=SHORT)
    """What they are, in English: `dragon`, `girl`, `old man`."""
    role: str = Field(min_length=1, max_length=SHORT)
    """What they are in the story, in English: `hero`, `companion`, `rival`, `helper`."""
    nature: str = Field(min_length=1, max_length=LONG)
    """How they are and what they can do, in English."""
    looks: str = Field(default="", max_length=LONG)
    """What the picture that was handed in shows of them, in English; empty without one."""


class Cast(Payload):
    """Whom a brief tells of; whom the book is about comes first."""

    characters: tuple[CastMember, ...] = Field(min_length=1, max_length=6)


class OutlinedChapter(Payload):
    """What is to happen in a chapter."""

    title: str = Field(min_length=1, max_length=SHORT)
    """In the book's language."""
    plan: str = Field(min_length=1, max_length=LONG)
    """What happens, in two to five sentences."""
    facts: tuple[str, ...] = Field(default=(), max_length=20)
    """What of the notes it tells; empty for a brief."""


class Outline(Payload):
    """A story's plan."""

    title: str = Field(min_length=1, max_length=SHORT)
    """In the book's language."""
    chapters: tuple[OutlinedChapter, ...] = Field(min_length=1)


class PageScene(Payload):
    """What a page's picture and sound are made from, as its writer has it in mind: what an analysis of the page would
    find out (`contracts.spreads.SpreadAnalysis`), without another call. All but `alt` in English."""

    setting: str = Field(min_length=1, max_length=SHORT)
    """The kind of place, if it can be a word of `contracts.depicting.Setting`."""
    place: str = Field(default="", max_length=SHORT)
    """Its name, if it has one."""
    time: str = Field(min_length=1, max_length=SHORT)
    weather: str = Field(min_length=1, max_length=SHORT)
    mood: str = Field(min_length=1, max_length=SHORT)
    intensity: float = Field(ge=0, le=1)
    sounds: tuple[str, ...] = Field(default=(), max_length=10)
    """What is heard, without speech and music."""
    cast: tuple[str, ...] = Field(default=(), max_length=8)
    """Who is seen: names, or a few words."""
    action: str = Field(min_length=1, max_length=LONG)
    """What is seen, in a sentence or two, so that somebody who does not know the story can draw it."""
    alt: str = Field(min_length=1, max_length=LONG)
    """The picture in a sentence for people who can't see it, in the book's language."""


class DraftPage(Payload):
    """A page as its writer has written it."""

    text: str = Field(min_length=1)
    scene: PageScene | None = None
    """None when the book gets neither pictures nor ambience."""
    things: tuple[Thing, ...] = Field(default=(), max_length=12)
    """What is to be found in its picture; of a search-and-find book alone."""


class DraftChapter(Payload):
    """A chapter as its writer has written it."""

    pages: tuple[DraftPage, ...] = Field(min_length=1)
    title: str = Field(default="", max_length=SHORT)
    """The book's, from the writer of the first scenes of a search-and-find book; others have an outline."""
    summary: str = Field(default="", max_length=SUMMARY)
    """What the reader knows by now, for whoever writes the next one."""


class PageIdea(Payload):
    """What a page's picture and sound are made from, as long as the page has the text that it was written with."""

    page: int = Field(ge=1)
    text: str
    """SHA-256 of that text in hexadecimal (`text.stories.manuscript.fingerprint`)."""
    scene: PageScene


class Ideas(Payload):
    """Those of a whole book: the writer's, in place of analyses that would have to be bought."""

    written_by: str = ""
    """Provider and model."""
    pages: tuple[PageIdea, ...] = ()


class WritingStep(Payload):
    """One step of writing an order's story."""

    order: BookOrder
    number: int = Field(default=0, ge=0)
    """Of the chapter, or of the run of scenes, that is to be written, or of the page that is to be written anew."""


class Written(Payload):
    """How a step went: done, or a reason to wait. What was written is in the store."""

    deferred: Deferred | None = None
    note: str | None = None
    """What the book has to do without, for people."""


class Manuscript(Written):
    """A story that is put together. Its asset is missing as long as the step is deferred."""

    asset: AssetId | None = None
    title: str = ""
    language: str = ""
    """BCP 47."""
