"""Soundscapes for a book that is there (section 1)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel

from api.schemas.jobs import JobStatusName
from bookwright.contracts.base import Payload

BookRef = Annotated[
    Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    | Annotated[int, Field(ge=1, lt=10**9, strict=True)],
    Field(description="The book, by its id or number."),
]


class SoundscapeOrder(Payload):
    """Which book is to get soundscapes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"bookId": "1"}]})
    bookId: BookRef


class SpreadError(Payload):
    """A spread that could not be processed."""

    spreadIndex: int
    """0 for pages 1 and 2."""
    pageNumbers: tuple[int, ...]
    errorMessage: str
    errorType: str


class SoundscapeStats(Payload):
    """The job's figures. One that failed has `totalSpreads`, `errorCount` and `processingTimeSeconds` alone."""

    totalSpreads: int
    processedSpreads: int | None = None
    scenesCreated: int | None = None
    soundscapesGenerated: int | None = None
    """Those that were made for this book."""
    soundscapesReused: int | None = None
    """Scenes that have the sound of another scene that is like them, of this book or of another one."""
    cost: str | None = None
    """What the generated ones cost, in US dollars."""
    saved: str | None = None
    """What the reused ones would have cost."""
    errorCount: int | None = None
    """Spreads that failed; left out when there are none."""
    processingTimeSeconds: float


class SoundscapesMade(Payload):
    """The job is done. `warning` and `errors` are there when some spreads failed."""

    success: Literal[True] = True
    bookId: str
    jobId: str
    status: Literal["ready"] = "ready"
    stats: SoundscapeStats
    warning: Literal["Some spreads failed to process"] | None = None
    errors: tuple[SpreadError, ...] | None = None


class SoundscapesFailed(Payload):
    """The job has ended without a sound for any spread, or was cancelled."""

    success: Literal[False] = False
    bookId: str
    jobId: str
    status: Literal["failed", "cancelled"] = "failed"
    error: str
    stats: SoundscapeStats
    errors: tuple[SpreadError, ...]


class SoundscapesUnderWay(Payload):
    """The job goes on."""

    success: Literal[True] = True
    bookId: str
    jobId: str
    status: Literal["processing"] = "processing"
    jobStatus: JobStatusName = "processing"
    """`pending` while it waits for its turn."""
    progress: int | None = Field(default=None, ge=0, le=100)
    pausedReason: str | None = None
    """Why it stands still, if so."""
    stats: SoundscapeStats | None = None


class SoundscapesAnswer(RootModel[SoundscapesMade | SoundscapesUnderWay | SoundscapesFailed]):
    """What became of a job's soundscapes, or how far it is."""


class ProcessingErrorRecord(Payload):
    """A spread that a job could not process, as operators see it."""

    timestamp: datetime
    spreadIndex: int
    pageNumbers: tuple[int, ...]
    errorType: str
    errorMessage: str
    stackTrace: str | None
    attempt: int
    """How many there were."""


class ProcessingErrorList(Payload):
    """In order of spreads."""

    errors: tuple[ProcessingErrorRecord, ...]
