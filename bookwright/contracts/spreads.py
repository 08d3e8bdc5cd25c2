"""What two facing pages tell of, and what is made from that: a picture for each page, a sound for a run of them."""

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import LONG, SHORT, PlacedThing
from bookwright.contracts.ids import AssetId


def spread_of(page: int) -> tuple[int, int]:
    """The pages (1-based) that lie open with this one: 1 and 2, 3 and 4, … whichever chapter they belong to."""
    first = page - (page - 1) % 2
    return first, first + 1


class PictureIdea(Payload):
    """What a page's picture shows."""

    page: int = Field(ge=1)
    prompt: str = Field(min_length=1, max_length=LONG)
    """For the picture engine, in English."""
    alt: str = Field(min_length=1, max_length=LONG)
    """For people who can't see it, in the book's language."""
    action: str = Field(default="", max_length=LONG)
    """What happens in it, in English, where somebody said so apart from the prompt."""
    cast: tuple[str, ...] = Field(default=(), max_length=12)
    """Who is in it, by name or in a few English words; empty when nobody said so apart from the prompt."""


class SpreadAnalysis(Payload):
    """One spread as a language model has understood it."""

    pages: tuple[int, ...] = Field(min_length=1, max_length=2)
    """Those of the spread that have text."""
    setting: str = Field(min_length=1, max_length=SHORT)
    """The kind of place: `forest`, `city street`, `kitchen`."""
    place: str = Field(max_length=SHORT)
    """Its name in the book, if it has one."""
    time: str = Field(max_length=SHORT)
    weather: str = Field(max_length=SHORT)
    mood: str = Field(min_length=1, max_length=SHORT)
    intensity: float = Field(ge=0, le=1)
    """0 is still, 1 is as stirring as can be."""
    sounds: tuple[str, ...] = Field(max_length=20)
    """What is heard in it."""
    people: tuple[str, ...] = Field(max_length=40)
    sound_prompt: str = Field(min_length=1, max_length=LONG)
    """One line for the sound engine, in English."""
    pictures: tuple[PictureIdea, ...] = Field(min_length=1, max_length=2)
    """One for each of `pages`, in their order."""
    turn: float | None = Field(default=None, ge=0, le=1)
    """How likely its text alone makes it that a scene begins with it; None where nobody said so."""


class Plate(Payload):
    """A page's picture: the bytes, and what is said of them."""

    page: int = Field(ge=1)
    picture: AssetId
    media_type: str
    width: int
    height: int
    alt: str
    prompt: str
    """What its engine was asked."""
    composed: bool = False
    """Whether it was put together from what was drawn for the purpose, so that nothing else can be in it."""
    cast: tuple[str, ...] = ()
    """The names of those of the character sheet who are meant to be in it."""
    things: tuple[str, ...] = ()
    """The names of what is to be found in it."""
    placed: tuple[PlacedThing, ...] = ()
    """Where those are, as far as the engine knows."""
    found: tuple[PlacedThing, ...] = ()
    """Where those surely are, once that was validated."""


class Ambience(Payload):
    """The ambient sound of some pages."""

    sound: AssetId
    media_type: str
    duration_ms: int
    loop: bool
    prompt: str
