"""The ports of providers of text, pictures, sounds, transcripts and vectors.

All of them work alike. `call` is pure and names the provider call with its maximum cost; it raises Unspeakable or
Misconfigured for what the provider would refuse. The other method makes the call, once, within its turn; it raises what
entering the turn raises, Transient, Permanent, MustWait or NotSent (see `contracts.errors`), and never retries.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.media import (
    DrawnPicture,
    MadeSound,
    PictureTask,
    RemoteState,
    SoundTask,
    TextTask,
    Transcript,
    TranscriptionTask,
    Vectors,
    Verdict,
    WrittenText,
)
from bookwright.contracts.ports.calls import Turn


class Engine(Protocol):
    """What all have in common."""

    provider: str
    model: str
    concurrency: int
    """Calls at once, over all jobs of this process."""


class LanguageModel(Engine, Protocol):
    """Writes, and looks at pictures."""

    sees: bool
    """Whether tasks may have pictures."""

    def call(self, task: TextTask, take: int = 0) -> ProviderCall: ...

    async def write(self, call: ProviderCall, turn: Turn, pictures: Sequence[bytes] = ()) -> WrittenText:
        """The whole answer. Raises BadAnswer for one that is cut, empty or not what the schema says, Blocked for one
        that the provider's safety rules held back."""
        ...


@runtime_checkable
class OfFewLanguages(Protocol):
    """A LanguageModel that does not write in every language says so before anything is ordered."""

    def check_language(self, language: str) -> None:
        """Raises UnknownLanguage, which says what to do, for a BCP 47 language that it tells no stories in."""
        ...


class PictureEngine(Engine, Protocol):
    """Draws."""

    aspects: Sequence[str]
    """The aspects it can make, such as `4:3`."""

    @property
    def takes_references(self) -> bool: ...

    def call(self, task: PictureTask, take: int = 0) -> ProviderCall: ...

    async def draw(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> DrawnPicture: ...


class SoundEngine(Engine, Protocol):
    """Makes ambient sounds."""

    @property
    def max_seconds(self) -> float: ...

    def call(self, task: SoundTask, take: int = 0) -> ProviderCall: ...

    async def make(self, call: ProviderCall, turn: Turn) -> MadeSound: ...


class Transcriber(Engine, Protocol):
    """Writes down what is said in a recording."""

    def call(self, task: TranscriptionTask, take: int = 0) -> ProviderCall: ...

    async def transcribe(self, call: ProviderCall, turn: Turn, recording: Path) -> Transcript: ...


class Embedder(Engine, Protocol):
    """Turns texts into vectors whose nearness is nearness of meaning."""

    dimensions: int
    batch: int
    """Texts that one call takes."""

    def call(self, texts: Sequence[str], *, query: bool = False, take: int = 0) -> ProviderCall:
        """`query` says that the texts are questions rather than passages."""
        ...

    async def embed(self, call: ProviderCall, turn: Turn) -> Vectors: ...


class Moderator(Protocol):
    """Says whether a text or a picture may be in a book for readers of an age. Fails closed: what can't be judged is
    not allowed."""

    async def judge_text(self, text: str, language: str, age: int | None) -> Verdict: ...

    async def judge_picture(self, picture: bytes, media_type: str, age: int | None) -> Verdict: ...


Bought_co = TypeVar("Bought_co", covariant=True)


@runtime_checkable
class RemoteJobs(Protocol[Bought_co]):
    """A provider that works for minutes: a job is created once and looked at until it has ended.

    An engine of such a provider offers these beside its own methods, so that a job can be found, gone on with, or
    cancelled after a crash. Nothing here is ever paid for but `create`: its errors say, like those of any call, whether
    there may be a job now. An error of any other method says nothing of the job, which goes on."""

    async def create(
        self,
        call: ProviderCall,
        turn: Turn,
        token: str,
        webhook: str | None,
        recording: Path | None = None,
        references: Sequence[bytes] = (),
    ) -> str:
        """Create the job, named `token` at the provider's, and answer its external id. `webhook` is where the provider
        may say that it has ended; `recording` and `references` are what a Transcriber and a PictureEngine are handed
        beside their calls."""
        ...

    async def find(self, token: str) -> str | None:
        """The external id of the job that was created under this token; None when the provider has none."""
        ...

    async def look(self, external_id: str) -> RemoteState:
        """How it stands."""
        ...

    async def collect(self, call: ProviderCall, external_id: str) -> Bought_co:
        """The answer of a job that has ended well, as the engine's own method gives it. Costs nothing more. Raises
        AnswerExpired when the provider has deleted it, any other BadAnswer when it is of no use."""
        ...

    async def cancel(self, external_id: str) -> None:
        """Stop it; no error when it has ended already."""
        ...
