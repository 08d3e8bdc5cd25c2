"""Batches: many orders worked off a few at a time; and schedules, which make one again and again."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.orders import BookOrder

MOST_ITEMS = 500
MOST_AT_ONCE = 50
ALL_BOOKS = "*"


class BookItem(Payload):
    """More for a book that is there: its soundscapes, or whatever is missing of its newest order."""

    kind: Literal["soundscapes", "rest"]
    book: str = Field(min_length=1, max_length=64)
    """By its id or number; `*` stands for each book of the owner that lacks this when the batch begins."""


class OrderItem(Payload):
    """An order for a new book, which was checked and whose text is stored."""

    kind: Literal["order"] = "order"
    order: BookOrder
    fingerprint: str


Item = Annotated[BookItem | OrderItem, Field(discriminator="kind")]


class BatchState(StrEnum):
    """Where a batch stands. Its jobs' own states say how they went."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def closed(self) -> bool:
        return self in (BatchState.DONE, BatchState.CANCELLED)


class BatchRun(Payload):
    """The single argument of `BatchGeneration`: one batch, or the schedule of which one is to be made."""

    owner_id: OwnerId
    batch_id: str | None = None
    schedule_id: str | None = None
    next_item: int = Field(default=1, ge=1)
    """Where to go on after a continue-as-new."""
    open_jobs: tuple[JobId, ...] = ()
    """Jobs of it that had not ended then."""


class BatchPlan(Payload):
    """What a batch comes to."""

    batch_id: str
    name: str
    items: int
    at_once: int


class BatchRef(Payload):
    """A batch, or one item of it (1-based)."""

    owner_id: OwnerId
    batch_id: str
    item: int = Field(default=0, ge=0)


class BatchLook(Payload):
    """A look at some jobs of a batch."""

    owner_id: OwnerId
    jobs: tuple[JobId, ...]


class Ordered(Payload):
    """What became of an item: a job, or None when it was refused (the store has why)."""

    job_id: JobId | None = None


class BatchEnd(Payload):
    """How a batch ended."""

    owner_id: OwnerId
    batch_id: str
    state: BatchState


class BatchResult(Payload):
    """The result of `BatchGeneration`."""

    batch_id: str
    items: int
    state: BatchState


class Timing(Payload):
    """When a schedule makes a batch: by a cron expression of five fields, or once."""

    cron: str | None = Field(default=None, max_length=200)
    timezone: str = Field(default="UTC", max_length=64)
    """An IANA name, for `cron`."""
    at: datetime | None = None
