"""The ports of audiobook ingestion: what its activities read and write, and how recordings are looked into."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.ingestion import (
    AiOutput,
    ChapterHeard,
    ChapterRecording,
    ChaptersPlan,
    OutputKind,
    Passage,
    Recording,
    RecordingFacts,
    RecordingPart,
    Step,
    StepChange,
)
from bookwright.contracts.orders import BookContext, BookOrder
from bookwright.contracts.outside import OutsideTask


class Ingestions(Protocol):
    """What activities read and write of audiobooks. Every write is one transaction and may be repeated."""

    async def context(self, order: BookOrder, job: str) -> BookContext:
        """What a job of an audiobook works with: the book as it is now. Raises NotFound."""
        ...

    async def author(self, owner: OwnerId, book: BookId) -> str | None:
        """Who wrote the book."""
        ...

    async def recordings(self, owner: OwnerId, book: BookId) -> list[Recording]:
        """The files of the audiobook, in its order."""
        ...

    async def surveyed(self, owner: OwnerId, book: BookId, number: int, facts: RecordingFacts) -> None: ...

    async def is_surveyed(self, owner: OwnerId, book: BookId, number: int) -> bool: ...

    async def plan(self, owner: OwnerId, book: BookId) -> ChaptersPlan:
        """Make the chapters of the recordings' parts, once, and answer those that are to be written down: all that
        are not, also when earlier attempts have failed."""
        ...

    async def chapter(self, owner: OwnerId, book: BookId, chapter: int) -> ChapterRecording: ...

    async def chapters_of(self, owner: OwnerId, book: BookId, last: int) -> list[ChapterRecording]:
        """The chapters up to `last`, in their order."""
        ...

    async def heard(self, context: BookContext, chapter: int, heard: ChapterHeard) -> None:
        """What transcribing a chapter came to. One that is completed stays as it is."""
        ...

    async def steps(self, owner: OwnerId, book: BookId) -> list[Step]: ...

    async def step(self, change: StepChange) -> None:
        """Begin, go on with or end a step; one that is completed stays so."""
        ...

    async def outputs(self, owner: OwnerId, book: BookId, kind: OutputKind) -> dict[int, AiOutput]:
        """What there is of a kind, by its chapter."""
        ...

    async def save_output(self, context: BookContext, output: AiOutput) -> None: ...

    async def save_passages(self, context: BookContext, chapter: int, passages: Sequence[Passage]) -> None:
        """Make these the passages of a chapter; those that stay as they were keep their vectors."""
        ...

    async def unembedded(self, owner: OwnerId, book: BookId, model: str, limit: int) -> list[Passage]:
        """Passages, in their order, that have no vector of this model."""
        ...

    async def embedded(self, context: BookContext, model: str, vectors: Mapping[int, Sequence[float]]) -> None:
        """The vectors of passages, by their numbers."""
        ...

    async def passage_count(self, owner: OwnerId, book: BookId, model: str | None = None) -> int:
        """How many passages there are, or have a vector of this model."""
        ...


class OutsideOffers(Protocol):
    """Where steps wait for outside workers."""

    async def offer(self, task: OutsideTask, temporal_token: bytes, attempt: int) -> None:
        """Have a step wait. `temporal_token` names the activity that is completed with its report; a later `attempt`
        takes the place of an earlier one, never the other way round."""
        ...


class RecordingPress(Protocol):
    """Looks into recordings. Synchronous; bounded in memory however long they are. `on_progress` gets the milliseconds
    done so far, and may raise to stop."""

    def survey(self, path: Path, on_progress: Callable[[int], None]) -> RecordingFacts:
        """Decode a recording once. Raises BadInput for one that can't be decoded, is cut off or is silent."""
        ...

    def excerpt(self, path: Path, part: RecordingPart, target: Path, on_progress: Callable[[int], None]) -> None:
        """A part of a recording as a file of its own that every transcriber takes (MP3, mono, 16 kHz). The same input
        gives the same bytes. Whatever is raised, no file is left at `target`."""
        ...
