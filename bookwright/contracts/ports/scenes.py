"""The port to what the store knows of scenes and soundscapes."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import AssetId, OwnerId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.progress import Tally
from bookwright.contracts.scenes import Failure, PlannedScene, Soundscape
from bookwright.contracts.spreads import Ambience


class PageHeard(Payload):
    """What is known of a page when its sound is planned."""

    page: int
    analysis: AssetId | None
    """Its `SpreadAnalysis`."""
    told: TrackState
    """What became of its analysis."""
    state: TrackState
    """Of its soundscape."""
    take: int


class SoundscapeWork(Payload):
    """A soundscape to be made, and the pages of all its scenes, in order."""

    soundscape: Soundscape
    pages: tuple[int, ...]


class MadeSoundscape(Payload):
    """A soundscape that was made."""

    ambience: Ambience
    asset: AssetId
    """The stored `ambience`."""
    made_by: str
    stand_in: bool
    cost_micros: int


class Scenes(Protocol):
    """What activities read and write of a book's scenes. Every write is one transaction with its events, and may be
    repeated."""

    async def heard(self, context: BookContext, first: int, last: int) -> list[PageHeard]:
        """The pages from `first` to `last`, in order."""
        ...

    async def soundscapes(self, context: BookContext) -> list[Soundscape]:
        """All of the book's, in order."""
        ...

    async def others(self, owner: OwnerId, book: str, made_by: str, limit: int) -> list[Soundscape]:
        """Those of the owner's other books that this engine has made as first choice, newest first."""
        ...

    async def save(
        self,
        context: BookContext,
        planned: Sequence[PlannedScene],
        *,
        untold: Mapping[int, Failure],
        blank: Sequence[int],
        final: bool,
    ) -> list[int]:
        """Write scenes in place of those with the same numbers, `final`ly also in place of all later ones, and the
        outcomes of pages that have a sound now, can't have one (`untold`), or need none (`blank`). Answers the
        soundscapes of these scenes that are to be made."""
        ...

    async def begin(self, context: BookContext, number: int) -> SoundscapeWork:
        """Mark the pages of a soundscape's scenes as processing, unless it is made or failed. Raises NotFound."""
        ...

    async def made(self, context: BookContext, number: int, made: MadeSoundscape) -> None:
        """Record the soundscape, and that the pages of all its scenes have it."""
        ...

    async def failed(self, context: BookContext, number: int, failure: Failure) -> None:
        """Record that it can't be made, for the pages of all its scenes that have no sound. One that was made stays,
        and so does the first failure."""
        ...

    async def tally(self, context: BookContext, last: int) -> Tally:
        """The outcomes of the pages up to `last`."""
        ...
