"""What operators see of all jobs, and do to many of them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.schemas.jobs import JobStatus, JobStatusName, JobType
from api.schemas.keys import UserId
from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallState
from bookwright.contracts.ingestion import StepKind
from bookwright.store.bulk.store import BulkVerb
from bookwright.store.jobs.filters import QueueState

HistorySpan = Literal["day", "week"]
HistoryStepName = Literal["15m", "1h", "6h", "1d"]


class HistoryBucket(Payload):
    """A stretch of time. Money is in US dollars, times are in seconds."""

    at: datetime
    """When it begins; the last one goes on."""
    completed: int
    failed: int
    cancelled: int
    p50: float | None
    """From start to end of the jobs that were completed in it; null when none was."""
    p95: float | None
    cost: str
    """Of the calls made in it; those without a known outcome at their most."""


class JobHistory(Payload):
    """Throughput, times and cost over time, oldest first."""

    span: HistorySpan
    step: HistoryStepName
    buckets: tuple[HistoryBucket, ...]


class BulkOrder(Payload):
    """Which jobs are meant, and how many these were when somebody looked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "failed", "type": "audio_generation"}]})
    type: JobType | None = None
    status: JobStatusName | None = None
    state: QueueState | None = None
    """As the statistics count them."""
    user: UserId | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: Annotated[str | None, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] = None
    expected: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    """How many jobs it is to be done to. Without it nothing is done and the count is answered."""


class BulkCount(Payload):
    """How many jobs it would be done to: those that match and that it can be done to."""

    action: BulkVerb
    count: int


class BulkReason(Payload):
    """Why some jobs refused."""

    reason: str
    count: int


class BulkAnswer(Payload):
    """Something that is done to many jobs, and how far it is."""

    id: str
    action: BulkVerb
    by: str
    askedAt: datetime
    jobs: int
    open: int
    done: int
    refused: int
    reasons: tuple[BulkReason, ...]
    """The most frequent ones."""


class BulkList(Payload):
    """The newest of these, newest first."""

    actions: tuple[BulkAnswer, ...]


class AdminChapter(Payload):
    """A chapter of the job's book."""

    number: int
    title: str
    pages: int
    status: TrackState
    done: int
    failed: int


class AdminCause(Payload):
    """What went wrong, as often as it did."""

    where: str
    """`job`, a track, `spread`, a step of an audiobook, or `call to` a provider."""
    cause: str
    """The kind of error."""
    message: str
    """What the most frequent one says."""
    count: int
    pages: tuple[int, ...]
    """The first ones that it happened to."""


class CallTotal(Payload):
    """Attempts at calls of one kind that ended alike."""

    provider: str
    operation: str
    state: CallState
    attempts: int
    cost: str


class AdminJob(Payload):
    """A job as operators see it."""

    job: JobStatus
    user: str
    workflowId: str
    temporalUrl: str | None
    """Its page in the Temporal UI, where it is known where that is."""
    generation: int
    """Which job of its book it is."""
    chapters: tuple[AdminChapter, ...]
    causes: tuple[AdminCause, ...]
    calls: tuple[CallTotal, ...]


class AdminTrack(Payload):
    """One track of a page."""

    track: str
    status: TrackState
    version: int
    madeBy: str | None
    errorType: str | None
    error: str | None


class AdminPage(Payload):
    """A page of a job's book, and the calls that the job made for it."""

    page: int
    chapter: int
    tracks: tuple[AdminTrack, ...]
    attempts: int
    """At its calls, also those that failed."""
    lost: int
    """Of these, those that gave nothing that could be used."""
    cost: str


class AdminPageList(Payload):
    """Some pages, in their order."""

    pages: tuple[AdminPage, ...]
    next_cursor: str | None = None


class AdminCall(Payload):
    """One attempt at a provider call."""

    callId: str
    attempt: int
    provider: str
    model: str
    operation: str
    unit: str
    """What it was for, such as `page/7/narration/1`."""
    state: CallState
    cost: str
    """At the most while nobody knows."""
    at: datetime
    seconds: float | None
    """From sending it to its answer."""
    reason: str | None
    externalId: str | None
    """The provider's own id."""


class AdminCallList(Payload):
    """Some attempts, those of the newest call first."""

    calls: tuple[AdminCall, ...]
    next_cursor: str | None = None


class DeadLetterAnswer(Payload):
    """A step of an audiobook that was given up after its retries."""

    id: str
    step: StepKind
    user: str
    audiobookId: str
    title: str
    errorType: str | None
    error: str | None
    failedAt: datetime


class DeadLetterList(Payload):
    """Some dead letters, newest first, and how many there are of all."""

    dead_letters: tuple[DeadLetterAnswer, ...]
    total: int
    next_cursor: str | None = None


class WorkerAnswer(Payload):
    """A worker's process."""

    identity: str
    seen: datetime
    """When it last asked for work; it waits up to a minute for an answer."""


class QueueAnswer(Payload):
    """One task queue."""

    queue: str
    kind: Literal["workflow", "activity"]
    backlog: int
    """Tasks that wait."""
    age: float
    """For how many seconds the oldest has waited."""
    workers: tuple[WorkerAnswer, ...]
    """Also those that ended within the last five minutes."""


class HealthAnswer(Payload):
    """How what works for us stands."""

    status: Literal["ok", "degraded"]
    """`degraded` when Temporal does not answer, or nobody works on a queue."""
    temporal: bool
    queues: tuple[QueueAnswer, ...]
    openCalls: int
    """Provider calls without an answer yet."""
    ambiguousCalls: int
    """Sent, and nobody knows the outcome; charged at their most."""
    oldestWaiting: float | None
    """For how many seconds the job has waited that waits longest; null when none does."""
