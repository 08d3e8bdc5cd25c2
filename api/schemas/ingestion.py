"""Audiobook ingestion: upload sessions, audiobooks and their steps, as section 5 of the contract shows them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from bookwright.contracts.base import Payload
from bookwright.contracts.ingestion import LONGEST_DESCRIPTION, MOST_BYTES, MOST_FILES
from bookwright.contracts.orders import NAME_LIMIT

_UPLOAD_ID = "f0b6c7de-6f0e-4b57-9d3d-1c2f7f6f8a01"
UploadStatusName = Literal["pending", "uploading", "completed", "failed", "expired"]
BookStatusName = Literal["processing", "ready", "failed", "cancelled"]
StepName = Literal["transcribe", "summarize", "tag", "embed"]
StepStatusName = Literal["pending", "processing", "completed", "failed"]


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("give a text of one line without control characters")
    return text


def _prose(text: str) -> str:
    if any(ord(sign) < 32 and sign not in "\r\n\t" for sign in text):
        raise ValueError("give a text without control characters")
    return text


Line = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT), AfterValidator(_printable)]
Prose = Annotated[str, Field(max_length=LONGEST_DESCRIPTION), AfterValidator(_prose)]
Language = Annotated[str, Field(min_length=2, max_length=35, description="BCP 47, such as en or hi.")]


class NewUpload(Payload):
    """A session for the files of one audiobook."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"upload_type": "single", "total_files": 1, "total_size_bytes": 4_821_100}]}
    )
    upload_type: Literal["single", "multiple"]
    total_files: int = Field(ge=1, le=MOST_FILES)
    total_size_bytes: int = Field(ge=1, le=MOST_BYTES)


class UploadCreated(Payload):
    """The session is there."""

    upload_id: str
    status: UploadStatusName
    message: str
    expires_at: datetime
    """When it is given up, if nothing more comes."""


class FileUploaded(Payload):
    """A file came whole, and is what it says."""

    file_id: str
    upload_id: str
    file_name: str
    file_size_bytes: int
    uploaded_at: datetime


class UploadProgress(Payload):
    """How far a session has come."""

    upload_id: str
    status: UploadStatusName
    total_files: int
    uploaded_files: int
    total_size_bytes: int
    uploaded_bytes: int
    progress: float
    """0 to 1."""
    error: str | None = None


class FileProgress(Payload):
    """One file of a session."""

    file_id: str
    file_name: str
    file_size_bytes: int
    uploaded_bytes: int
    content_type: str
    uploaded_at: datetime | None


class UploadDetails(UploadProgress):
    """A session and its files."""

    upload_type: Literal["single", "multiple"]
    audiobook_id: str | None
    created_at: datetime
    expires_at: datetime
    files: tuple[FileProgress, ...]


class NewAudiobook(Payload):
    """An audiobook from a completed session. Files become chapters in the order of their names."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "upload_id": _UPLOAD_ID,
                    "title": "The Lantern",
                    "author": "A. Writer",
                    "description": "A short tale.",
                    "language": "en",
                    "is_public": False,
                }
            ]
        }
    )
    upload_id: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
    title: Line
    author: Line
    description: Prose | None = None
    language: Language
    is_public: bool


class AudiobookChange(Payload):
    """What is to be changed; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "The Lantern, read anew", "is_public": True}]})
    title: Line | None = None
    author: Line | None = None
    description: Prose | None = None
    is_public: bool | None = None


class AudiobookCreated(Payload):
    """The audiobook is there, and its four steps wait for their turn."""

    audiobook_id: str
    status: BookStatusName
    message: str
    jobs_created: int
    total_jobs: int


class ChapterAnswer(Payload):
    """One chapter of an audiobook."""

    number: int
    title: str
    status: StepStatusName
    begin_seconds: float
    """Where it begins in its recording."""
    duration_seconds: float
    language: str | None
    words: int
    confidence: float | None
    """The mean of its words', 0 to 1, if the transcriber tells."""
    summary: str | None
    error_message: str | None


class AudiobookAnswer(Payload):
    """An audiobook, and what is known of it so far."""

    audiobook_id: str
    number: int
    title: str
    author: str | None
    description: str | None
    language: str | None
    is_public: bool
    status: BookStatusName
    warning: str | None
    error_message: str | None
    summary: str | None
    tags: tuple[str, ...]
    """From the controlled list."""
    free_tags: tuple[str, ...]
    total_pages: int
    chapters: tuple[ChapterAnswer, ...]
    created_at: datetime
    updated_at: datetime


class StepAnswer(Payload):
    """One step. `failed` has used up its attempts and waits to be restarted."""

    id: str
    audiobook_id: str
    job_type: StepName
    status: StepStatusName
    started_at: datetime | None
    completed_at: datetime | None
    error_message: str | None


class StepList(Payload):
    """The steps of an audiobook, and how far it has come with all of them."""

    audiobook_id: str
    jobs: tuple[StepAnswer, ...]
    overall_status: StepStatusName
    progress: float
    """0 to 1."""
    total_jobs: int
    completed_jobs: int
    failed_jobs: int
