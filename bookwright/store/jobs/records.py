"""What the store answers about jobs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from bookwright.contracts.base import Payload
from bookwright.contracts.calls import CallCounts
from bookwright.contracts.ids import BookId, JobId, OwnerId
from bookwright.contracts.orders import BookOrder, JobKind
from bookwright.contracts.progress import ChapterStatus, JobState, StageStatus
from bookwright.store.ledger.report import UnitCosts


class EventKind(StrEnum):
    """What can happen in a job."""

    ACCEPTED = "accepted"
    STARTED = "started"
    REQUEUED = "requeued"
    SOURCE = "source"
    """The book's text was saved: how many pages are new or changed."""
    STAGE = "stage"
    PAGES = "pages"
    """A run of pages is being worked on."""
    PAGE = "page"
    FILE = "file"
    HOLD = "hold"
    BUDGET = "budget"
    CLOSED = "closed"


class JobEvent(Payload):
    """One event. `seq` counts a job's events from 1 without a gap."""

    seq: int
    kind: EventKind
    data: dict[str, Any]
    at: datetime


class JobRow(Payload):
    """A job as its row has it. `number` is what people type."""

    job_id: JobId
    number: int
    owner_id: OwnerId
    book_id: BookId
    book_number: int
    workflow_id: str
    kind: JobKind
    generation: int
    state: JobState
    priority: int
    title: str
    fingerprint: str | None
    order: BookOrder
    paused_reason: str | None
    warning: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    retries: int = 0
    """How often it has failed and gone back into the queue."""
    shown: int = 0
    """The most that anybody was told of its progress, in per cent."""
    event_seq: int
    """The number of its newest event: it has changed when this has."""

    @property
    def wants_more(self) -> bool:
        """Whether the job has ended and left something out."""
        return self.state.closed and (self.state is not JobState.DONE or self.warning is not None)


class ClaimedJob(Payload):
    """A job that the dispatcher may start now."""

    owner_id: OwnerId
    job_id: JobId
    number: int
    workflow_id: str
    order: BookOrder
    trace: str | None = None
    """The trace to go on with, as a W3C `traceparent`."""
    weight: float = 1.0
    """How many turns its user gets where tasks wait, beside the one of the user who has the most jobs open."""


class RunningJob(Payload):
    """A job that was started and is not closed."""

    owner_id: OwnerId
    job_id: JobId
    workflow_id: str
    state: JobState


class JobProgress(Payload):
    """How a job stands, from the store alone."""

    job: JobRow
    stages: tuple[StageStatus, ...]
    chapters: tuple[ChapterStatus, ...]
    counts: CallCounts
    costs: tuple[UnitCosts, ...] | None = None
    """By stage; None in lists."""
    pages: int
    """Pages in the book; 0 until its text was read."""
    as_of: datetime
