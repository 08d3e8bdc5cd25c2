"""The port of what draws the answer pages of search-and-find books."""

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import PlacedThing


class AnsweredScene(Payload):
    """A page's picture and where its things surely are."""

    page: int
    picture: bytes = Field(repr=False)
    found: tuple[PlacedThing, ...]


class AnswerArtist(Protocol):
    """Draws answers. Synchronous and CPU-bound; the same input gives the same bytes."""

    media_type: str
    width: int
    height: int

    def answers(self, scenes: Sequence[AnsweredScene]) -> bytes:
        """One picture with the scenes small beside and below each other, in their order, each with the number of its
        page and a circle around every thing that was found."""
        ...
