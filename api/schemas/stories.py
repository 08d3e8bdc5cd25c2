"""Orders for books that are yet to be written, and how one of them stands."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from api.schemas.joborders import PRINTABLE, Line
from api.schemas.jobs import Budget, JobEdition, JobEstimate, JobStatusName
from api.schemas.keys import UserId
from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.orders import NAME_LIMIT, TRACKS, Edition, Track
from bookwright.contracts.stories import Ages, BriefKind

Short = Annotated[str, Field(min_length=1, max_length=80, pattern=PRINTABLE)]
StageNameOf2 = Literal[
    "character_extraction",
    "enhancement",
    "story_generation",
    "scene_creation",
    "consistency_validation",
    "audio_generation",
    "pdf_creation",
]


def _ages(text: str) -> str:
    Ages.parse(text)
    return text


AgeGroup = Annotated[str, Field(max_length=5, pattern=r"^[0-9]{1,2}-[0-9]{1,2}$"), AfterValidator(_ages)]
Whom = Annotated[
    UserId | Annotated[int, Field(ge=0, le=2**53)],
    Field(description="Whose book it is; only an admin may name somebody else."),
]
LUNA: dict[str, Any] = {
    "job_type": "story_adventure",
    "character_name": "Luna",
    "character_type": "dragon",
    "special_ability": "breathes warm light",
    "age_group": "4-7",
    "story_world": "a floating archipelago",
    "adventure_type": "treasure hunt",
}


class BookBrief(Payload):
    """A book about a named character, for readers of an age."""

    model_config = ConfigDict(json_schema_extra={"examples": [LUNA]})
    job_type: BriefKind
    """`story_adventure` is read, seen and heard; `interactive_search` has things to find in each picture, and the
    answers at the end."""
    character_name: Short
    character_type: Short
    special_ability: Line
    age_group: AgeGroup
    """The readers' ages, the younger first, such as `7-10`: what length, words and content go by."""
    story_world: Line
    adventure_type: Line
    occasion_theme: Line | None = None
    """Such as `birthday`."""
    character_image_url: str | None = Field(default=None, min_length=1, max_length=2_000)
    """A picture of the character on the open web, http or https; the job fetches it."""
    priority: int = Field(default=5, ge=1, le=10)
    """1 is served first."""
    user_id: Whom | None = None
    child_profile_id: Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE)] | (
        Annotated[int, Field(ge=0, le=2**53)] | None
    ) = None
    """The caller's own name for whom it is made; shown in the job's status."""
    max_retries: int = Field(default=3, ge=0, le=10)
    """How often the job goes back to pending when it has failed."""
    language: str = Field(default="en", min_length=1, max_length=35)
    """BCP 47."""
    voice: str | None = Field(default=None, min_length=1, max_length=NAME_LIMIT)
    """From `GET /api/voices`."""
    pages: int = Field(default=24, ge=4, le=40)
    style: PictureStyle = PictureStyle.ARTISTIC
    tracks: tuple[Track, ...] | None = Field(default=None, min_length=1, max_length=len(TRACKS))
    """`narration`, `illustrations`, `soundscape`. Left out, a story adventure is narrated and illustrated, a
    search-and-find book illustrated. This one can't be without pictures."""
    editions: tuple[Edition, ...] | None = Field(default=None, min_length=1, max_length=len(Edition))
    """Those that suit the kind of book when left out."""
    review: bool = False
    """Wait for `POST /api/jobs/{id}/approve` when the text was written."""
    review_sheet: bool = False
    """Wait for it once before that, when the character sheet was made."""
    budget: Budget = None


class BookOrdered(Payload):
    """A book was ordered."""

    success: Literal[True] = True
    job_id: int
    message: str
    book_id: int
    status_url: str
    estimate: JobEstimate | None = None


class BookStage(Payload):
    """A part of the work. It starts with its first unit and completes with its last; stages overlap."""

    id: int
    stage_name: StageNameOf2
    status: TrackState
    progress_percentage: int
    started_at: datetime | None
    completed_at: datetime | None
    error_message: str | None


class BookMade(Payload):
    """What a job that is done has made."""

    book_id: int
    title: str
    pages: int
    editions: tuple[JobEdition, ...] | None
    """Null in lists."""
    reader_url: str
    cost: str
    """In US dollars."""
    saved: str
    """What answers that were there already would have cost."""


class BookProgress(Payload):
    """How a book stands that was ordered."""

    job_id: int
    book_id: int
    status: JobStatusName
    paused_reason: str | None
    """Why it stands still, or waits for a provider."""
    warning: str | None
    """What is missing of one that is completed."""
    overall_progress: int
    """0 to 100; it never goes back."""
    stages: tuple[BookStage, ...]
    error_message: str | None
    """Why it failed; while it is pending again, why it failed last."""
    result_data: BookMade | None
    retry_count: int
    child_profile_id: str | None
    created_at: datetime
    as_of: datetime
    """When this was so."""


class BookHistory(Payload):
    """The caller's orders, newest first."""

    jobs: tuple[BookProgress, ...]
    next_cursor: str | None = None
