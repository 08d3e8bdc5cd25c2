"""What a picture shows and what a sound tells of, as data: for engines that compose instead of understanding words.

An engine that understands words is given the prompt, which says the same; what is here is no part of its call.
"""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload

SHORT, LONG = 200, 1_000
"""Characters in a name of something, and in a description or prompt."""
COLOUR = r"^#[0-9a-f]{6}$"


class PictureStyle(StrEnum):
    """The looks a book can have."""

    REALISTIC = "realistic"
    ARTISTIC = "artistic"
    MINIMALIST = "minimalist"


class Figure(Payload):
    """Somebody who is seen."""

    name: str = Field(min_length=1, max_length=SHORT)
    kind: str = Field(max_length=SHORT)
    """What they are: `dragon`, `girl`, `old man`."""
    looks: str = Field(default="", max_length=LONG)
    palette: tuple[str, ...] = Field(default=(), max_length=6)
    """Their colours, the main one first, as `#rrggbb`."""


class Depiction(Payload):
    """A picture's content. `setting`, `time`, `weather` and `mood` are words of an analysis, in English."""

    setting: str = Field(max_length=SHORT)
    time: str = Field(default="", max_length=SHORT)
    weather: str = Field(default="", max_length=SHORT)
    mood: str = Field(default="", max_length=SHORT)
    action: str = Field(default="", max_length=LONG)
    """What happens, in a sentence or two."""
    cast: tuple[Figure, ...] = Field(default=(), max_length=12)
    style: PictureStyle = PictureStyle.ARTISTIC
    things: tuple[str, ...] = Field(default=(), max_length=20)
    """What is to be found in it, each of them once and in plain sight, but not easily."""


class PlacedThing(Payload):
    """Where a thing to be found is: a box in shares of the picture's width and height, from its upper left corner."""

    name: str = Field(min_length=1, max_length=SHORT)
    left: float = Field(ge=0, le=1)
    top: float = Field(ge=0, le=1)
    width: float = Field(gt=0, le=1)
    height: float = Field(gt=0, le=1)


class SoundSketch(Payload):
    """A soundscape's content: words of an analysis, in English."""

    setting: str = Field(max_length=SHORT)
    time: str = Field(default="", max_length=SHORT)
    weather: str = Field(default="", max_length=SHORT)
    mood: str = Field(default="", max_length=SHORT)
    intensity: float = Field(default=0.5, ge=0, le=1)
    sounds: tuple[str, ...] = Field(default=(), max_length=20)
