"""Steps that outside workers claim and report on (section 5 of the contract)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from api.schemas.ingestion import Line, Prose
from bookwright.contracts.base import Payload
from bookwright.contracts.media import HeardWord
from bookwright.text.audiobooks.asking import LONGEST_SUMMARY
from bookwright.text.audiobooks.tags import LONGEST_FREE, MOST_FREE, MOST_TAGS, TAGS
from bookwright.text.language import normalise_language

OutsideStepName = Literal["transcribe", "summarize", "tag"]
MOST_WORDS = 50_000
LONGEST_WORD = 200
_Token = Annotated[str, Field(min_length=1, max_length=100)]
_Progress = Annotated[float, Field(ge=0, le=1)]


class JobClaim(Payload):
    """Which kind of step a worker does. Vectors (`embed`) are made by Bookwright itself: they have to be of the model
    that questions are asked with."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"job_type": "transcribe"}]})
    job_type: OutsideStepName


class JobInput(Payload):
    """Something to work from."""

    kind: Literal["recording", "text"]
    url: str
    """Opened without a key, for an hour at least; in ranges, if wanted."""
    media_type: str
    begin_seconds: float | None = None
    """Of a recording: where in the file the chapter begins."""
    duration_seconds: float | None = None
    """Of a recording: how long the chapter is."""


class ClaimedJob(Payload):
    """A step, and the token to report on it with."""

    job_id: str
    audiobook_id: str
    job_type: OutsideStepName
    task_token: str
    lease_seconds: int
    """Report `processing` more often than this, or the step is given to somebody else."""
    attempt: int
    """1 to 3: failures that were reported before count."""
    title: str
    language: str
    """BCP 47; `und` is for the transcriber to find."""
    chapter: int | None
    """The one to transcribe; None is the book."""
    inputs: tuple[JobInput, ...]


class InputChapter(Payload):
    """What is heard in a chapter."""

    number: int
    title: str
    text: str


class TextInput(Payload):
    """What to summarize or tag."""

    title: str
    language: str
    chapters: tuple[InputChapter, ...]
    tags: tuple[str, ...]
    """The controlled list."""


class ProcessingReport(Payload):
    """The worker is at it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "processing", "progress": 0.5, "task_token": "q3P0…"}]}
    )
    status: Literal["processing"]
    progress: _Progress | None = None
    result: None = None
    error_message: None = None
    task_token: _Token


class CompletedReport(Payload):
    """The worker has done it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"status": "completed", "result": {"tags": ["sea"], "free_tags": ["Mira"]}, "task_token": "q3P0…"}
            ]
        }
    )
    status: Literal["completed"]
    progress: _Progress | None = None
    result: dict[str, Any] = Field(
        description="Of `transcribe`: `language`, `words` (`text`, `start_ms`, `end_ms`, `confidence`?) and "
        "`paragraphs`?. Of `summarize`: `summary`, `chapters`? (`number`, `summary`). Of `tag`: `tags`, `free_tags`?."
    )
    error_message: None = None
    task_token: _Token


class FailedReport(Payload):
    """The worker can't do it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "failed", "error_message": "the file can't be decoded", "task_token": "q3P0…"}]
        }
    )
    status: Literal["failed"]
    progress: _Progress | None = None
    result: None = None
    error_message: Annotated[Prose, Field(min_length=1, max_length=1_000)]
    task_token: _Token


JobReport = Annotated[ProcessingReport | CompletedReport | FailedReport, Field(discriminator="status")]


class ReportTaken(Payload):
    """What became of a report."""

    job_id: str
    status: Literal["processing", "completed", "failed"]
    message: str


class TranscriptResult(Payload):
    """A chapter as it was heard, times from its beginning."""

    language: Annotated[str, Field(min_length=2, max_length=35), AfterValidator(normalise_language)]
    words: tuple[HeardWord, ...] = Field(max_length=MOST_WORDS)
    """In the order of time; none where nobody speaks."""
    paragraphs: tuple[Annotated[int, Field(ge=0)], ...] = ()
    """Indexes of the words that begin one."""

    @model_validator(mode="after")
    def _in_order(self) -> "TranscriptResult":
        at = 0
        for place, word in enumerate(self.words):
            if not word.text.strip() or not word.text.isprintable() or len(word.text) > LONGEST_WORD:
                raise ValueError(f"words[{place}].text is to be a printable word of at most {LONGEST_WORD} characters")
            if word.start_ms < at or word.end_ms < word.start_ms:
                raise ValueError(f"words[{place}] is not in the order of time")
            at = word.start_ms
        if list(self.paragraphs) != sorted({*self.paragraphs}) or any(n >= len(self.words) for n in self.paragraphs):
            raise ValueError("paragraphs are to be indexes of words, in their order")
        return self


_Summary = Annotated[Prose, Field(min_length=1, max_length=LONGEST_SUMMARY)]


class ChapterSummary(Payload):
    """A summary of one chapter."""

    number: int = Field(ge=1)
    summary: _Summary


class SummaryResult(Payload):
    """A summary of the book, and of its chapters if there are any."""

    summary: _Summary
    chapters: tuple[ChapterSummary, ...] = ()


def _known(tag: str) -> str:
    if tag not in TAGS:
        raise ValueError("is not in the controlled list, which is in the input: give it as a free tag")
    return tag


class TagsResult(Payload):
    """Tags of the book."""

    tags: tuple[Annotated[str, AfterValidator(_known)], ...] = Field(max_length=MOST_TAGS)
    free_tags: tuple[Annotated[Line, Field(max_length=LONGEST_FREE)], ...] = Field(default=(), max_length=MOST_FREE)
