"""What looking at a picture finds out: whether it may be in the book, is true to its characters, and has its things."""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import SHORT, PlacedThing
from bookwright.contracts.ids import AssetId


class SeenCharacter(Payload):
    """Somebody who is meant to be in a picture."""

    name: str
    seen: bool
    alike: bool
    """Whether they look as the character sheet says."""
    differs: str = Field(default="", max_length=SHORT)
    """In which way they don't, in English."""


class Inspection(Payload):
    """What a model that sees says of a picture."""

    fit: bool
    """For its readers."""
    unfit: tuple[str, ...] = ()
    """What speaks against that."""
    characters: tuple[SeenCharacter, ...] = ()
    things: tuple[PlacedThing, ...] = ()
    """Those of the wanted things that it sees, and where."""


class Judging(StrEnum):
    """How a picture was judged."""

    SEEN = "seen"
    """A model has looked at it."""
    MEASURED = "measured"
    """By its pixels: the hero's colours are there, and every thing stands out where it was put. It says nothing of
    faces."""


class PictureVerdict(Payload):
    """Whether a page's picture is true to the book's characters and has the things that its page lists."""

    page: int = Field(ge=1)
    plate: AssetId
    """What was judged in the end, and is the page's picture."""
    judging: Judging
    judged_by: str
    faults: tuple[str, ...] = ()
    """What is wrong with it, in English; empty when nothing is."""
    found: tuple[PlacedThing, ...] = ()
    """Where its things surely are."""
    dropped: tuple[str, ...] = ()
    """The names of things that are not to be found in it: the page does not list them any more."""
    redone: int = Field(default=0, ge=0)
    """How often it was drawn anew."""
