"""Batches of orders, and schedules."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from api.schemas.soundscapes import BookRef
from bookwright.contracts.base import Payload
from bookwright.contracts.batches import MOST_AT_ONCE, MOST_ITEMS
from bookwright.contracts.orders import DEFAULT_EDITIONS, NAME_LIMIT, Edition

TEXT_LIMIT = 200_000
"""Characters of a text that is handed in with a batch."""
BatchStateName = Literal["pending", "processing", "completed", "cancelled"]


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("give a name without control characters")
    return text


def _speakable(text: str) -> str:
    if any(ord(sign) < 32 and sign not in "\r\n\t" for sign in text) or not text.strip():
        raise ValueError("give a text without control characters")
    return text


Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT), AfterValidator(_printable)]
AtOnce = Annotated[int, Field(ge=1, le=MOST_AT_ONCE, description="Jobs of it under way at the same time.")]


class BookTodo(Payload):
    """More for a book that is there."""

    kind: Literal["soundscapes", "rest"]
    """Its soundscapes, or whatever is missing of its newest job."""
    book: BookRef
    """`*` stands for each book that lacks this when the batch begins."""


class TextTodo(Payload):
    """A narrated book from a text (plain or Markdown)."""

    kind: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT), AfterValidator(_speakable)]
    title: Name | None = None
    author: Name | None = None
    language: str | None = Field(default=None, max_length=35)
    voice: Name | None = None
    tracks: tuple[Literal["narration", "illustrations", "soundscape"], ...] = Field(
        default=("narration",), min_length=1, max_length=3
    )
    editions: tuple[Edition, ...] = Field(default=DEFAULT_EDITIONS, min_length=1, max_length=len(Edition))


Todo = Annotated[BookTodo | TextTodo, Field(discriminator="kind")]


class BatchOrder(Payload):
    """Many orders, worked off a bounded number at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "New arrivals", "atOnce": 2, "items": [{"kind": "soundscapes", "book": "1"}]}]
        }
    )
    name: Name = "Batch"
    atOnce: AtOnce = 2
    items: tuple[Todo, ...] = Field(min_length=1, max_length=MOST_ITEMS)


class BatchCounts(Payload):
    """A batch's items by what became of them. `completed` ones that lack something are counted as `incomplete`, too."""

    total: int
    waiting: int
    pending: int
    processing: int
    paused: int
    completed: int
    incomplete: int
    failed: int
    cancelled: int
    refused: int


class BatchItemAnswer(Payload):
    """One item."""

    item: int
    kind: str
    book: str | None
    jobId: str | None
    status: str
    """`waiting`, `refused`, or its job's."""
    warning: str | None
    error: str | None


class BatchAnswer(Payload):
    """How a batch stands."""

    batchId: str
    number: int
    name: str
    status: BatchStateName
    atOnce: int
    items: BatchCounts
    scheduleId: str | None
    createdAt: datetime
    finishedAt: datetime | None


class BatchDetails(BatchAnswer):
    """How a batch and each of its items stand."""

    details: tuple[BatchItemAnswer, ...]


class BatchList(Payload):
    """Newest first."""

    batches: tuple[BatchAnswer, ...]
    next_cursor: str | None


class ScheduleOrder(Payload):
    """Batches at set times: again and again by `cron`, or once at `at`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Soundscapes at night",
                    "cron": "30 2 * * *",
                    "timezone": "Europe/Berlin",
                    "items": [{"kind": "soundscapes", "book": "*"}],
                }
            ]
        }
    )
    name: Name = "Schedule"
    cron: str | None = Field(default=None, max_length=200)
    """Five fields: minute, hour, day of the month, month, day of the week."""
    timezone: str = Field(default="UTC", min_length=1, max_length=64)
    """An IANA name, for `cron`."""
    at: datetime | None = None
    atOnce: AtOnce = 2
    items: tuple[BookTodo, ...] = Field(min_length=1, max_length=MOST_ITEMS)


class ScheduleAnswer(Payload):
    """A schedule."""

    scheduleId: str
    number: int
    name: str
    cron: str | None
    timezone: str
    at: datetime | None
    atOnce: int
    items: tuple[BookTodo, ...]
    settled: bool
    """Whether Temporal has been told."""
    createdAt: datetime


class ScheduleList(Payload):
    """Newest first."""

    schedules: tuple[ScheduleAnswer, ...]
    next_cursor: str | None
