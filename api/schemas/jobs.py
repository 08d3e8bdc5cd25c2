"""Jobs: orders for one, how it stands, and what people can do to it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from api.schemas.users import LimitsAnswer
from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.deliveries import AlertKind
from bookwright.contracts.depicting import COLOUR, LONG, SHORT
from bookwright.contracts.orders import NAME_LIMIT
from bookwright.contracts.progress import StageName

JobType = Literal["story_generation", "image_generation", "audio_generation"]
JobStatusName = Literal["pending", "processing", "completed", "failed", "cancelled"]
TEXT_LIMIT = 200_000
"""Characters of a page that is edited."""


def speakable(text: str) -> str:
    """The text. Raises ValueError for one that nothing can be made of."""
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise ValueError("there are control characters in the text")
    if not text.strip():
        raise ValueError("give some text")
    return text


PageTextIn = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT), AfterValidator(speakable)]
Money = Annotated[Decimal, Field(gt=0, lt=1_000_000, max_digits=12, decimal_places=6, allow_inf_nan=False)]
Budget = Annotated[Money | None, Field(description="The most it may cost, in US dollars.")]


class JobEstimate(Payload):
    """What is left to make, before it is made. Money is in US dollars."""

    pages: int
    calls: int
    cost_low_usd: str
    cost_high_usd: str
    seconds: float


class JobAccepted(Payload):
    """A job was accepted and waits for its turn."""

    jobId: str
    storyId: str
    status: JobStatusName
    estimate: JobEstimate | None = None


class JobStage(Payload):
    """A named part of a job."""

    name: StageName
    status: TrackState
    progress: int
    """0 to 100."""
    done: int
    failed: int
    total: int
    cost: str | None
    """What its calls cost up to now, in US dollars; null in lists."""
    reserved: str | None
    """The most that its calls under way can cost; null in lists."""
    startedAt: datetime | None
    completedAt: datetime | None


class JobEdition(Payload):
    """A file to download."""

    edition: str
    chapter: int | None
    name: str
    bytes: int
    url: str


class JobChapter(Payload):
    """A chapter of the audiobook; times in seconds."""

    title: str
    position: int
    start: float
    duration: float
    url: str


class JobResult(Payload):
    """What a job that is done has made."""

    bookId: str
    pages: int
    failedPages: int
    editions: tuple[JobEdition, ...] | None = None
    """Left out in lists."""
    chapters: tuple[JobChapter, ...] | None = None
    """Left out in lists."""


class JobStatus(Payload):
    """How a job stands."""

    jobId: str
    number: int
    type: JobType
    storyId: str
    title: str
    status: JobStatusName
    paused_reason: str | None
    """Why it stands still, or waits for a provider."""
    warning: str | None
    """What is missing of a job that is completed."""
    progress: int
    """0 to 100."""
    attempts: int
    """How often it was begun, or is to be: 1, and one more each time that it goes back to pending after it failed."""
    stages: tuple[JobStage, ...]
    result: JobResult | None
    error: str | None
    cost: str
    """In US dollars; calls with an unknown outcome at their most."""
    saved: str
    """What answers that were there already would have cost, such as a soundscape that serves a second scene."""
    reserved: str | None
    """The most that its calls under way can cost; null in lists."""
    priority: int
    createdAt: datetime
    startedAt: datetime | None
    finishedAt: datetime | None
    as_of: datetime
    """When this was so."""


class JobList(Payload):
    """Some of the jobs, newest first."""

    jobs: tuple[JobStatus, ...]
    next_cursor: str | None = None


class Steered(Payload):
    """What became of it."""

    success: Literal[True] = True
    jobId: str
    status: JobStatusName


class PageEdit(Payload):
    """A page's new text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"page": 3, "text": "The kite had other plans."}]})
    page: int = Field(ge=1, le=10_000_000)
    text: PageTextIn


class CharacterEdit(Payload):
    """What is to be changed of somebody on the character sheet."""

    name: str = Field(min_length=1, max_length=SHORT)
    """As it stands on the sheet."""
    kind: str | None = Field(default=None, min_length=1, max_length=SHORT)
    looks: str | None = Field(default=None, min_length=1, max_length=LONG)
    voice: str | None = Field(default=None, max_length=SHORT)
    habits: tuple[str, ...] | None = Field(default=None, max_length=6)
    palette: tuple[Annotated[str, Field(pattern=COLOUR)], ...] | None = Field(default=None, max_length=6)


class Approval(Payload):
    """That a text, or a character sheet, is good, with what is to be changed first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"edits": [{"page": 1, "text": "Once."}]}]})
    title: str | None = Field(default=None, min_length=1, max_length=NAME_LIMIT, pattern=r"\S")
    """The book's, once it has a text."""
    edits: tuple[PageEdit, ...] = Field(default=(), max_length=200)
    sheet: tuple[CharacterEdit, ...] = Field(default=(), max_length=12)


class BudgetOrder(Payload):
    """A job's budget."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cap": "2.50"}]})
    cap: Money
    """The most it may cost, in US dollars."""


class QueueCounts(Payload):
    """How many jobs stand where."""

    waiting: int
    active: int
    delayed: int
    paused: int
    completed: int
    failed: int
    cancelled: int


class Throughput(Payload):
    """Jobs that were finished."""

    last_hour: int
    last_day: int


class Durations(Payload):
    """Seconds from start to end; null when none was finished in a day."""

    p50: float | None
    p95: float | None


class Costs(Payload):
    """In US dollars, UTC."""

    today: str
    month: str


class StatsAlert(Payload):
    """Something that somebody should look at: how it stands, or (with a number) an alert that nobody has seen."""

    type: Literal["waiting_long", "failures", "paused"] | AlertKind
    message: str
    count: int
    number: int | None = None
    at: datetime | None = None
    """When it last happened."""


class AdminStats(Payload):
    """All jobs of all users at one moment."""

    queues: dict[JobType, QueueCounts]
    totals: QueueCounts
    throughput: Throughput
    durations: Durations
    cost: Costs
    alerts: tuple[StatsAlert, ...]


class UsageAnswer(Payload):
    """What the caller has used. Money is in US dollars."""

    month: str
    """`YYYY-MM`, UTC."""
    cost: Costs
    cap: str | None
    """The month's budget."""
    calls: int
    jobs: QueueCounts
    books: int
    pages: int
    limits: LimitsAnswer


class PageChange(Payload):
    """A page's new text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The kite had other plans."}]})
    text: PageTextIn


class RedoOrder(Payload):
    """Which track of a page is to be made anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"track": "narration"}]})
    track: Literal["text", "narration", "illustrations", "soundscape"]
    """`text`: have the page of a story that was written here told in another way, or that of a PDF read off its picture
    by a model that sees; and spoken."""


class PageVersionAnswer(Payload):
    """One version of a page."""

    version: int
    current: bool
    text: str
    source: str = "text"
    """Where the text came from: `text`, `vision:gemini`, `edited`, `none`."""
    spoken: bool
    """Whether there is sound for it."""
    duration_ms: int
    replaced_at: datetime | None
    """When another took its place."""


class PageVersionList(Payload):
    """All versions of a page, newest first."""

    page: int
    versions: tuple[PageVersionAnswer, ...]


class TrackVersionAnswer(Payload):
    """One version of a page's picture or ambient sound."""

    version: int
    current: bool
    description: str
    made_by: str | None
    url: str
    replaced_at: datetime | None
    """When another took its place."""


class TrackVersionList(Payload):
    """All versions of a page's picture or ambient sound, newest first."""

    page: int
    track: Literal["illustrations", "soundscape"]
    versions: tuple[TrackVersionAnswer, ...]
