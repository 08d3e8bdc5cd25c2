"""Scenes and their soundscapes as workflows, activities and the store speak of them.

A scene is a run of spreads with one setting and mood, wherever chapters begin. A soundscape is the ambient sound of one
or more scenes of a book. Payloads name them by their numbers; what they are is in the store.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.depicting import LONG, SoundSketch
from bookwright.contracts.ids import AssetId, BookId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.progress import Deferred, Tally
from bookwright.contracts.spreads import Ambience


def spread_index(page: int) -> int:
    """The spread (0-based) that a page (1-based) belongs to."""
    return (page - 1) // 2


class Scene(Payload):
    """A run of spreads, and what is heard in it."""

    number: int = Field(ge=1)
    """1-based through the book."""
    pages: tuple[int, ...] = Field(min_length=1)
    """Those that were analysed as part of it, in order."""
    sketch: SoundSketch
    prompt: str = Field(min_length=1, max_length=LONG)
    """For the sound engine, in English."""


class Soundscape(Payload):
    """The ambient sound of some scenes of a book."""

    book_id: BookId
    number: int = Field(ge=1)
    """1-based in the book, in the order in which they were planned."""
    state: TrackState
    take: int = 0
    sketch: SoundSketch
    prompt: str
    ambience: Ambience | None = None
    """Of one that is completed."""
    made_by: str | None = None
    stand_in: bool = False
    cost_micros: int = 0
    """What it cost when it was bought."""


class PlannedScene(Payload):
    """A scene and where its sound comes from."""

    scene: Scene
    soundscape: int | None = Field(default=None, ge=1)
    """The number of one of the book's soundscapes, or the next number for a new one. None leaves the pages as they
    are."""
    take: int = 0
    """Of a new one."""
    like: Soundscape | None = None
    """What a new one is a copy of: one of another book of the owner that serves."""
    asset: AssetId | None = None
    """The stored `Ambience` of a soundscape that is there."""


class ErrorKind(StrEnum):
    """What can go wrong with a spread."""

    VALIDATION = "ValidationError"
    ANALYSIS = "ContentAnalysisError"
    SOUNDSCAPE = "SoundscapeGenerationError"
    DATABASE = "DatabaseError"


class Failure(Payload):
    """Why a unit was given up."""

    error_type: str
    """The name of the error's class."""
    message: str
    attempt: int = Field(default=1, ge=1)
    """How many attempts there were."""
    trace: str | None = None
    """For operators only."""


class ProcessingError(Payload):
    """One spread of a book that could not be processed by one of its jobs."""

    spread: int = Field(ge=0)
    pages: tuple[int, ...]
    kind: ErrorKind
    message: str
    attempt: int
    trace: str | None = None
    """For operators only."""
    at: datetime


class PageRun(Payload):
    """Some pages (1-based, inclusive)."""

    first: int = Field(ge=1)
    last: int = Field(ge=1)


class ScoringOrder(Payload):
    """The single argument of `SceneScoring`: find a book's scenes and have their soundscapes made, as the analysis
    goes on. It may begin in the middle, where an earlier run ended."""

    context: BookContext
    next_scene: int = Field(default=1, ge=1)
    next_page: int = Field(default=1, ge=1)
    """The first page that no scene was decided for."""
    analysed_to: int = Field(default=0, ge=0)
    """Up to this page, all have an analysis, or none for good."""
    analysed: Tally = Tally()
    """What runs before this one of the same job have analysed themselves."""
    ahead: tuple[PageRun, ...] = ()
    """Pages after that of which the same is known."""
    paused: bool = False
    ended: bool = False
    """Whether all analyses there will be are there."""
    whole: bool = False
    """Whether those are of the whole book."""
    in_batches: bool = False
    """Whether soundscapes that are found together are made by one activity; else, in a run that was begun before there
    were batches of them, each by one of its own."""


class SceneScan(Payload):
    """A look for scenes in pages whose analysis is there, or failed."""

    context: BookContext
    next_scene: int = Field(ge=1)
    next_page: int = Field(ge=1)
    last_page: int
    final: bool = False
    """The book ends with the last page, and so does its last scene."""


class ScenesFound(Payload):
    """What was found: where to look on, and the soundscapes (by number) that are to be made."""

    next_scene: int
    next_page: int
    soundscapes: tuple[int, ...] = ()


class SoundscapeRef(Payload):
    """Soundscapes of a job's book that are made together."""

    context: BookContext
    number: int = Field(ge=1)
    more: tuple[int, ...] = ()
    """The others."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """All of them."""
        return (self.number, *self.more)


class Scored(Payload):
    """What became of soundscapes: each has an outcome, or there is a reason to wait with the rest."""

    made: int = 0
    """How many of them have their sound."""
    deferred: Deferred | None = None


class ScoringResult(Payload):
    """How far a book's scenes are scored. `done` and `failed` count pages of those that were decided."""

    next_scene: int
    next_page: int
    done: int = 0
    failed: int = 0
    analysed_to: int = 0
    """The last page that has an analysis, or none for good."""
    analysed: Tally = Tally()
    """What it has analysed itself."""


class SoundscapeFigures(Payload):
    """A book's scenes and soundscapes in numbers."""

    spreads: int = 0
    processed: int = 0
    """Spreads of which all pages have their sound, or need none."""
    scenes: int = 0
    soundscapes: int = 0
    """Those that were made, for this book or for another one of its owner."""
    bought: int = 0
    """Those that were made for this book."""
    reused: int = 0
    """Scenes that have the sound of another scene, of this book or of another one."""
    cost_micros: int = 0
    saved_micros: int = 0
    """What the reused ones would have cost."""
