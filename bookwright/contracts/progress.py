"""How a job stands: what the `status` query answers, what activities report, how a job ends."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallCounts
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.orders import BookContext, BookOrder, Recordings, Track, made_tracks
from bookwright.contracts.stories import Brief, Notes


class JobState(StrEnum):
    """The states of a job. `done` with a warning means that parts are missing."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def closed(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class StageName(StrEnum):
    """The named parts of a job, in the order in which they begin."""

    CHARACTERS = "characters"
    """Whom a brief, and a picture of them, tell of."""
    ENHANCEMENT = "enhancement"
    """The character sheet."""
    STORY = "story"
    """An outline, and the chapters written by it."""
    TEXT = "text"
    READING = "reading"
    """Pages whose text a model reads off their picture."""
    NARRATION = "narration"
    ANALYSIS = "analysis"
    ILLUSTRATIONS = "illustrations"
    VALIDATION = "validation"
    SOUNDSCAPE = "soundscape"
    BINDING = "binding"


OF_PAGES = frozenset(StageName(track) for track in Track)
"""The stages whose units are pages; their counts follow from the pages."""


def stages_for(order: BookOrder, *, validated: bool = False, seen: bool = False) -> tuple[StageName, ...]:
    """The stages of an order's job, in their order. `validated` says that its book has a character sheet by now (one
    that is made from a brief will), `seen` that some of its pages are read off their pictures."""
    writing: tuple[StageName, ...] = ()
    match order.source:
        case Brief():
            validated = True
            writing = (StageName.CHARACTERS, StageName.ENHANCEMENT, StageName.STORY)
        case Notes():
            writing = (StageName.STORY,)
        case Recordings():
            return (StageName.TEXT, StageName.NARRATION)
        case _ if order.rewrites:
            writing = (StageName.STORY,)
    made = made_tracks(order.tracks, validated=validated)
    reading = (StageName.READING,) if seen else ()
    return (*writing, StageName.TEXT, *reading, *(StageName(track) for track in made), StageName.BINDING)


class StageStatus(Payload):
    """One stage: `done` and `failed` of `total` units (pages, or files for binding)."""

    name: StageName
    state: TrackState = TrackState.PENDING
    done: int = 0
    failed: int = 0
    total: int = 0
    started_at: datetime | None = None
    completed_at: datetime | None = None


class ChapterStatus(Payload):
    """One chapter as its book sees it."""

    number: int
    title: str
    pages: int
    state: TrackState = TrackState.PENDING
    done: int = 0
    failed: int = 0


class HoldKind(StrEnum):
    """Why work stands still without having failed."""

    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    CREDENTIALS = "credentials"
    BUDGET = "budget"
    STORAGE = "storage"
    REQUESTED = "requested"
    REVIEW = "review"


AWAITING_APPROVAL = "waiting for approval"
"""The reason that a job gives while its text is being reviewed."""


class Hold(Payload):
    """Work stands still. With `until` it goes on by itself; without, a person has to act."""

    kind: HoldKind
    reason: str
    until: datetime | None = None


class Deferred(Payload):
    """An activity's answer when it must wait: not a failure, so it uses up no attempt. The workflow sleeps durably
    and schedules the rest again."""

    hold: Hold


class BatchOutcome(Payload):
    """How a batch of pages stands: an outcome for each, or a reason to wait with the rest. The counts are of the whole
    batch, not of what one attempt did: an attempt's answer can be lost after its pages were finished."""

    done: int = 0
    failed: int = 0
    deferred: Deferred | None = None


class Bound(Payload):
    """What one binding came to: how many files there are now, or a reason to wait. What they are is in the store."""

    files: int = 0
    deferred: Deferred | None = None


class Tally(Payload):
    """How many units have an outcome."""

    done: int = 0
    failed: int = 0


class ChapterResult(Payload):
    """How a chapter ended. `done` and `failed` count the pages of its main track."""

    chapter: int
    done: int
    failed: int
    others: dict[Track, Tally] = Field(default_factory=dict)
    """The pages of the other tracks."""
    files: int = 0
    unbound: bool = False
    """Whether files that the order wants of it could not be bound."""


class BookStatus(Payload):
    """The answer of the `status` query."""

    book_id: str
    job_id: str
    title: str
    state: JobState
    paused_reason: str | None = None
    stages: tuple[StageStatus, ...]
    chapters: tuple[ChapterStatus, ...] = Field(default=(), max_length=1_000)
    """The first thousand chapters; the store has the rest."""
    as_of: datetime


class BookProgress(Payload):
    """What a `BookGeneration` hands on to its next run when it continues as new."""

    context: BookContext
    stages: tuple[StageStatus, ...]
    chapters: int
    """Chapters in the book."""
    next_chapter: int
    """The first chapter that is still to be made."""
    failed_pages: int = 0
    unbound_chapters: int = 0
    files: int = 0
    paused: bool = False
    next_scene: int = 1
    next_scene_page: int = 1
    """The first page that no scene was decided for."""
    analysed_to: int = 0
    """The last page that has an analysis, or none for good."""
    notes: tuple[str, ...] = ()
    """What the book has to do without."""


class BookRun(BookOrder):
    """The single argument of `BookGeneration`: an order, and how far earlier runs came with it. Whoever starts a book
    gives the order's fields alone."""

    so_far: BookProgress | None = None

    @property
    def order(self) -> BookOrder:
        """The order alone."""
        return BookOrder.model_validate(self.model_dump(exclude={"so_far"}))


class BookResult(Payload):
    """How a book ended; the result of `BookGeneration`."""

    book_id: str
    job_id: str
    state: JobState
    pages: int
    failed_pages: int
    files: int
    warning: str | None = None
    counts: CallCounts = CallCounts()


class JobEnded(Payload):
    """The totals of a job that ended."""

    counts: CallCounts


class StageChange(Payload):
    """A stage begins or ends."""

    name: StageName
    state: TrackState
    total: int | None = None
    done: int = 0
    failed: int = 0


class StageChanges(Payload):
    """Changes of a job's stages, in order."""

    context: BookContext
    changes: tuple[StageChange, ...]


class JobEnd(Payload):
    """What the last activity of a job records."""

    owner_id: OwnerId
    job_id: JobId
    state: JobState
    warning: str | None = None
    error: str | None = None
    stages: StageChanges | None = None
    """What is left to record of its stages."""
    may_retry: bool = False
    """Of one that failed: whether it could end better another time."""


class JobHold(Payload):
    """A job stands still (`paused`), waits for a provider (a reason, not paused), or goes on (no reason)."""

    owner_id: OwnerId
    job_id: JobId
    reason: str | None = None
    paused: bool = False


class BudgetRaise(Payload):
    """A new budget for a job, in millionths of a US dollar."""

    owner_id: OwnerId
    job_id: JobId
    cap_micros: int = Field(ge=0)
