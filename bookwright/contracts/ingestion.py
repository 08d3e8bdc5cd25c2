"""Audiobook ingestion: uploads, recordings, and the steps that make a readable book of them."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.progress import Deferred

LONGEST_DESCRIPTION = 10_000
MOST_FILES = 500
"""In one upload session."""
MOST_CHAPTERS = 500
"""In one audiobook, whether files, chapter marks or long silences make them."""
MOST_BYTES = 64 << 30
"""Of one upload session, which is what the contract's numbers are refused above."""


class RecordingKind(StrEnum):
    """The kinds of recording that are taken in, by the names of FFmpeg's demuxers."""

    MP3 = "mp3"
    MP4 = "mp4"
    """M4A and M4B."""
    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    """Opus or Vorbis."""


class UploadType(StrEnum):
    """Whether one file is to come, or several."""

    SINGLE = "single"
    MULTIPLE = "multiple"


class UploadState(StrEnum):
    """How an upload session stands."""

    PENDING = "pending"
    UPLOADING = "uploading"
    COMPLETED = "completed"
    FAILED = "failed"
    """What came is not what was announced: all files, and another size in total."""
    EXPIRED = "expired"

    @property
    def closed(self) -> bool:
        return self not in (UploadState.PENDING, UploadState.UPLOADING)


class UploadFile(Payload):
    """One file of a session; `received` of its `size` bytes have come."""

    file_id: str
    upload_id: str
    name: str
    size: int
    received: int
    media_type: str
    asset: AssetId | None = None
    """Once it is whole and was found to be what it says."""
    resumable: bool
    """Whether it may be gone on with after a break."""
    created_at: datetime
    heard_at: datetime
    """When the last of its bytes came."""
    uploaded_at: datetime | None = None


class Upload(Payload):
    """An upload session as the store has it, files in the order in which they were begun."""

    owner_id: OwnerId
    upload_id: str
    upload_type: UploadType
    state: UploadState
    total_files: int
    total_bytes: int
    error: str | None
    book_id: BookId | None
    """The audiobook that was made from it."""
    created_at: datetime
    expires_at: datetime
    completed_at: datetime | None
    files: tuple[UploadFile, ...]

    @property
    def uploaded_files(self) -> int:
        return sum(file.asset is not None for file in self.files)

    @property
    def uploaded_bytes(self) -> int:
        return sum(file.received for file in self.files)


class StepKind(StrEnum):
    """The steps that make a searchable book of a recording; each has a row of its own."""

    TRANSCRIBE = "transcribe"
    SUMMARIZE = "summarize"
    TAG = "tag"
    EMBED = "embed"


class Step(Payload):
    """How one step stands: `done` of `total` units, which are chapters or texts. `failed` is a dead letter: its
    declared attempts are used up, and it waits to be restarted."""

    step_id: str
    book_id: BookId
    kind: StepKind
    state: TrackState
    done: int
    total: int
    error_type: str | None
    error: str | None
    started_at: datetime | None
    completed_at: datetime | None

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self.state is TrackState.COMPLETED:
            return 1.0
        return min(self.done / self.total, 1.0) if self.total else 0.0


class StepChange(Payload):
    """A step begins, gets on or ends."""

    context: BookContext
    kind: StepKind
    state: TrackState
    done: int = 0
    total: int = 0
    error_type: str | None = None
    error: str | None = None


class Recording(Payload):
    """One file of an audiobook, as it was handed in. The facts are found when it is surveyed."""

    number: int = Field(ge=1)
    """Its place in the book."""
    name: str
    asset: AssetId
    media_type: str
    size: int
    duration_ms: int = 0
    sample_rate: int = 0
    loudness_lufs: float = 0.0


class RecordingPart(Payload):
    """A part of a recording that becomes a chapter: a file, what a chapter mark names, or what lies between two long
    silences."""

    title: str | None
    """None where nobody has named it."""
    begin_ms: int
    end_ms: int


class RecordingFacts(Payload):
    """What surveying a recording, decoded once from its beginning to its end, has found."""

    duration_ms: int
    sample_rate: int
    loudness_lufs: float
    """Integrated, EBU R 128."""
    parts: tuple[RecordingPart, ...]
    """They follow each other without a gap and cover it."""


class RecordingRef(Payload):
    """One recording of a job's book."""

    context: BookContext
    number: int
    recordings: int
    """How many the book has."""


class ChapterRecording(Payload):
    """A chapter to be written down: which part of which recording it is, and what has come of it."""

    chapter: int = Field(ge=1)
    recording: Recording
    title: str
    begin_ms: int
    end_ms: int
    state: TrackState = TrackState.PENDING
    transcript: AssetId | None = None
    language: str | None = None
    words: int = 0
    confidence: float | None = None
    """The mean of its words'."""
    error_type: str | None = None
    error: str | None = None
    made_by: str | None = None

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.begin_ms


class ChapterHeard(Payload):
    """What transcribing a chapter came to."""

    state: TrackState
    transcript: AssetId | None = None
    language: str | None = None
    words: int = 0
    confidence: float | None = None
    error_type: str | None = None
    error: str | None = None
    made_by: str | None = None
    stand_in: bool = False


class OutputKind(StrEnum):
    """What language models say of an audiobook."""

    SUMMARY = "summary"
    CHAPTER_SUMMARY = "chapter_summary"
    TAGS = "tags"


class AiOutput(Payload):
    """Something that was made of the transcript. `basis` is how many chapters it was made from."""

    kind: OutputKind
    chapter: int = 0
    """0 is the whole book."""
    basis: int
    text: str = ""
    tags: tuple[str, ...] = ()
    free_tags: tuple[str, ...] = ()
    made_by: str
    stand_in: bool = False


class Passage(Payload):
    """A run of sentences of a page, which is found and played as one."""

    number: int
    chapter: int
    page: int
    start: int
    """Code points from the page's beginning."""
    text: str
    begin_ms: int
    """From the page's beginning."""
    end_ms: int


class IngestionPlan(Payload):
    """What opening an ingestion has found."""

    context: BookContext
    recordings: int


class ChaptersPlan(Payload):
    """The chapters of an audiobook, and which of them are still to be written down."""

    chapters: int
    todo: tuple[int, ...] = ()


class ChapterTask(Payload):
    """The single argument of `ChapterTranscription`, and what its activities are given."""

    context: BookContext
    chapter: int = Field(ge=1)
    title: str = ""
    paused: bool = False


class Transcribed(Payload):
    """How a chapter's transcription ended, or a reason to wait."""

    chapter: int
    words: int = 0
    failed: bool = False
    outside: bool = False
    """It is left to an outside worker."""
    deferred: Deferred | None = None


class PagesTask(Payload):
    """The pages of the chapters up to `last` are to be written; those before `first` are there already."""

    context: BookContext
    first: int = 1
    last: int


class PagesWritten(Payload):
    """The book as far as it is written now."""

    context: BookContext
    chapters: int
    words: int
    failed: int = 0
    """Chapters that could not be written down."""
    silent: int = 0
    """Chapters in which nobody was heard to speak."""


class StepTask(Payload):
    """One run of the step that summarizes, tags or embeds, from the chapters up to `last`."""

    context: BookContext
    last: int
    whole: bool


class StepOutcome(Payload):
    """What such a run came to, or a reason to wait."""

    done: int = 0
    outside: int | None = None
    """It is left to an outside worker, to be made from so many chapters with words."""
    deferred: Deferred | None = None
