"""What a picture shows and what a sound tells of, as data: for engines that compose instead of understanding words.

An engine that understands words is given the prompt, which says the same; what is here is no part of its call.
"""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload

SHORT, LONG = 200, 1_000
"""Characters in a name of something, and in a description or prompt."""
COLOUR = r"^#[0-9a-f]{6}$"


class Setting(StrEnum):
    """The kinds of place that local engines know. An analysis may name any other: `text.vocabulary` finds the one of
    these that comes nearest."""

    FOREST = "forest"
    MEADOW = "meadow"
    MOUNTAINS = "mountains"
    BEACH = "beach"
    SEA = "sea"
    UNDERWATER = "underwater"
    RIVER = "river"
    LAKE = "lake"
    DESERT = "desert"
    VILLAGE = "village"
    CITY_STREET = "city street"
    CASTLE = "castle"
    CAVE = "cave"
    ROOM = "room"
    KITCHEN = "kitchen"
    SCHOOL = "school"
    SKY = "sky"
    SPACE = "space"
    GARDEN = "garden"
    MARKET = "market"
    SNOW = "snow"

    @property
    def indoors(self) -> bool:
        """Whether weather is only heard and seen through a wall or a window."""
        return self in (Setting.CASTLE, Setting.CAVE, Setting.ROOM, Setting.KITCHEN, Setting.SCHOOL)


class TimeOfDay(StrEnum):
    """The times that local engines know."""

    DAWN = "dawn"
    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Weather(StrEnum):
    """The weathers that local engines know."""

    CLEAR = "clear"
    CLOUDS = "clouds"
    RAIN = "rain"
    STORM = "storm"
    SNOW = "snow"
    FOG = "fog"
    WIND = "wind"


class Mood(StrEnum):
    """The moods that local engines know."""

    CALM = "calm"
    JOYFUL = "joyful"
    TENSE = "tense"
    SAD = "sad"
    FESTIVE = "festive"
    MYSTERIOUS = "mysterious"
    WARM = "warm"
    LONELY = "lonely"


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
