"""How a job stands: what the `status` query answers, what activities report, how a job ends."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallCounts


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

    TEXT = "text"
    NARRATION = "narration"
    BINDING = "binding"


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
    REQUESTED = "requested"


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
    """What became of a batch of pages: an outcome for each, or a reason to wait with the rest."""

    done: int = 0
    failed: int = 0
    deferred: Deferred | None = None


class ChapterResult(Payload):
    """How a chapter ended."""

    chapter: int
    done: int
    failed: int


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


class JobEnd(Payload):
    """What the last activity of a job records."""

    owner_id: str
    book_id: str
    job_id: str
    state: JobState
    warning: str | None = None
    error: str | None = None
