"""Orders for jobs: a story, its pictures, its sound. Names are as the clients of old write them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from api.schemas.jobs import Budget, speakable
from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.orders import NAME_LIMIT
from bookwright.contracts.stories import MOST_PAGES, StoryKind
from bookwright.storyorders import NOTES_LIMIT

PRINTABLE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
"""Something, and no control characters."""
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
StoryId = Annotated[
    str | None, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$", description="The book, by its id or number.")
]
Content = Annotated[str, Field(min_length=1, max_length=NOTES_LIMIT), AfterValidator(speakable)]


class JobConfig(Payload):
    """What can be said of every job."""

    priority: int = Field(default=5, ge=1, le=10)
    """1 is served first."""
    budget: Budget = None
    maxRetries: int = Field(default=0, ge=0, le=10)
    """How often it goes back to pending when it has failed."""


class StoryConfig(JobConfig):
    """What is to be written."""

    content: Content | None = None
    """The notes that the story is made of. Left out, the text of the book that `storyId` names is rewritten."""
    numberOfPages: int = Field(default=8, ge=1, le=MOST_PAGES)
    """Of about 250 words each."""
    storyKind: StoryKind = StoryKind.CREATIVE
    tone: Line = "warm"
    targetAudience: Line = "adults"
    improveGrammar: bool = False
    includeAIImages: bool = False
    """An image job follows when the story is there."""
    includeAudio: bool = False
    """It is narrated when the story is there."""
    voice: str | None = Field(default=None, max_length=NAME_LIMIT)
    """Of that narration, from `GET /api/voices`."""
    style: PictureStyle = PictureStyle.ARTISTIC
    """Of those images."""
    language: str | None = Field(default=None, min_length=1, max_length=35)
    """BCP 47; that of the notes when left out."""
    title: Line | None = None
    author: Line | None = None
    review: bool = False
    """Wait for `POST /api/jobs/{id}/approve` when the text was written."""


class ImageConfig(JobConfig):
    """Which pictures a book is to have."""

    style: PictureStyle = PictureStyle.ARTISTIC
    """With another style than that of the pictures there are, all are made anew."""
    count: int | None = Field(default=None, ge=1, le=1_000)
    """How many pages get one, spread evenly from the first on; all when left out."""


class AudioConfig(JobConfig):
    """How a book is to be narrated."""

    language: str | None = Field(default=None, max_length=35)
    """BCP 47; the book's own. Books are not translated yet."""
    voice: str | None = Field(default=None, max_length=NAME_LIMIT)
    """From `GET /api/voices`; the book's own when left out. With another one all pages are narrated anew."""


class StoryJob(Payload):
    """Write a story: a new book's, or anew that of one that is there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "story_generation",
                    "config": {
                        "content": "Grandmother kept bees behind the mill. In the flood of 1962 she carried the hives "
                        "up to the attic, one by one.",
                        "numberOfPages": 4,
                        "storyKind": "life",
                        "language": "en",
                    },
                }
            ]
        }
    )
    type: Literal["story_generation"]
    storyId: StoryId = None
    config: StoryConfig = StoryConfig()


class ImageJob(Payload):
    """Illustrate a book that is there, or what is missing of that, and bind its editions."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"type": "image_generation", "storyId": "1", "config": {"style": "minimalist", "count": 5}}]
        }
    )
    type: Literal["image_generation"]
    storyId: StoryId = None
    config: ImageConfig = ImageConfig()


class AudioJob(Payload):
    """Narrate a book that is there, or what is missing of it, and bind its editions."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"type": "audio_generation", "storyId": "1", "config": {"language": "en"}}]}
    )
    type: Literal["audio_generation"]
    storyId: StoryId = None
    config: AudioConfig = AudioConfig()


JobOrder = Annotated[StoryJob | ImageJob | AudioJob, Field(discriminator="type")]
