"""How places, weathers, times and moods sound: what beds (`beds`) and single sounds (`banks`) they are made of."""

from typing import NamedTuple

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather

DAWN, DAY, DUSK, NIGHT = TimeOfDay.DAWN, TimeOfDay.DAY, TimeOfDay.DUSK, TimeOfDay.NIGHT
LIGHT, LATE, ALWAYS = (DAWN, DAY), (DUSK, NIGHT), tuple(TimeOfDay)


class Layer(NamedTuple):
    """A bed, and how loud it is (decibels)."""

    bed: str
    level: float
    times: tuple[TimeOfDay, ...] = ALWAYS


class Single(NamedTuple):
    """A sound that is heard now and then, so many times in a minute."""

    bank: str
    per_minute: float
    level: float
    times: tuple[TimeOfDay, ...] = ALWAYS


class Place(NamedTuple):
    """A place: what is always heard, and what now and then."""

    layers: tuple[Layer, ...]
    singles: tuple[Single, ...] = ()


_BIRDS = (Single("birds", 14, 2, LIGHT), Single("birds", 5, -2, (DUSK,)))
_NIGHT = (Layer("crickets", -5, LATE),)
_OWL = (Single("owls", 2, 1, LATE),)

PLACES: dict[Setting, Place] = {
    Setting.FOREST: Place(
        (Layer("leaves", 0), Layer("air", -4), *_NIGHT),
        (*_BIRDS, Single("birds", 10, -3, LIGHT), *_OWL, Single("rustles", 3, -6)),
    ),
    Setting.MEADOW: Place(
        (Layer("grass", -4), Layer("air", -3), Layer("insects", -6, (DAY,)), *_NIGHT),
        (*_BIRDS, Single("bees", 2, -6, LIGHT)),
    ),
    Setting.MOUNTAINS: Place((Layer("wind", 0), Layer("air", -6)), (Single("crows", 2, -2, LIGHT), *_OWL)),
    Setting.BEACH: Place((Layer("waves", 0), Layer("wind", -14)), (Single("gulls", 5, 0, LIGHT),)),
    Setting.SEA: Place(
        (Layer("sea", 0), Layer("lapping", -6), Layer("wind", -9)),
        (Single("creaks", 5, -3), Single("gulls", 2, -5, LIGHT)),
    ),
    Setting.UNDERWATER: Place((Layer("depths", 0),), (Single("whales", 2, -4),)),
    Setting.RIVER: Place((Layer("brook", 0), Layer("air", -8)), (*_BIRDS, Single("splashes", 2, -2))),
    Setting.LAKE: Place(
        (Layer("lapping", 0), Layer("grass", -10), Layer("air", -7), *_NIGHT),
        (Single("frogs", 9, -3, LATE), Single("birds", 6, 0, LIGHT), Single("splashes", 2, -1)),
    ),
    Setting.DESERT: Place((Layer("wind", 0), Layer("sand", -7)), (Single("rustles", 1, -9),)),
    Setting.VILLAGE: Place(
        (Layer("air", 0), Layer("leaves", -7), Layer("crowd", -15, LIGHT), Layer("crickets", -6, LATE)),
        (
            Single("roosters", 3, 3, (DAWN,)),
            Single("dogs", 3, 3),
            Single("carts", 2, 1, LIGHT),
            Single("knocks", 3, 1, LIGHT),
            Single("birds", 9, 0, LIGHT),
            Single("bells", 1, 1),
        ),
    ),
    Setting.CITY_STREET: Place(
        (Layer("traffic", 0), Layer("crowd", -12, LIGHT)),
        (Single("cars", 6, 2), Single("steps", 6, -4), Single("hand bells", 1, -5, LIGHT)),
    ),
    Setting.CASTLE: Place(
        (Layer("hollow", 0), Layer("fire", -5)),
        (Single("steps", 2, -1), Single("swords", 1, -7), Single("creaks", 1, -4)),
    ),
    Setting.CAVE: Place((Layer("hollow", 0),), (Single("drips", 24, 1), Single("wings", 1, -7))),
    Setting.ROOM: Place((Layer("room", -4), Layer("fire", 0)), (Single("clock", 3, -8), Single("creaks", 1, -7))),
    Setting.KITCHEN: Place(
        (Layer("room", -3), Layer("simmer", 0), Layer("fire", -10)),
        (Single("clinks", 14, 1), Single("knocks", 2, -3), Single("splashes", 2, -4), Single("steps", 2, -5)),
    ),
    Setting.SCHOOL: Place(
        (Layer("room", -6), Layer("pupils", 0, LIGHT)),
        (Single("steps", 3, -3), Single("knocks", 1, -5), Single("rustles", 4, -8), Single("hand bells", 1, -4, LIGHT)),
    ),
    Setting.SKY: Place((Layer("wind", 0), Layer("sand", -13)), (Single("wings", 3, -2), Single("birds", 2, -6, LIGHT))),
    Setting.SPACE: Place((Layer("hum", 0), Layer("drone", -8)), (Single("shimmers", 3, -8),)),
    Setting.GARDEN: Place(
        (Layer("leaves", -6), Layer("air", -6), Layer("brook", -4), Layer("insects", -9, (DAY,)), *_NIGHT),
        (*_BIRDS, Single("bees", 3, -5, LIGHT), *_OWL),
    ),
    Setting.MARKET: Place(
        (Layer("crowd", 0), Layer("air", -12)),
        (
            Single("carts", 2, -3),
            Single("clinks", 12, -4),
            Single("hand bells", 4, -5),
            Single("knocks", 3, -5),
            Single("steps", 8, -6),
            Single("dogs", 1, -6),
        ),
    ),
    Setting.SNOW: Place(
        (Layer("hush", 0), Layer("wind", -6)), (Single("snow steps", 2, -3), Single("crows", 1, -8, LIGHT))
    ),
}

OUTDOORS: dict[Weather, Place] = {
    Weather.CLEAR: Place(()),
    Weather.CLOUDS: Place((Layer("wind", -12),)),
    Weather.RAIN: Place((Layer("rain", 4),), (Single("drips", 4, -8),)),
    Weather.STORM: Place((Layer("rain", 5), Layer("wind", 2)), (Single("thunder", 5, 12),)),
    Weather.SNOW: Place((Layer("hush", 1),)),
    Weather.FOG: Place((Layer("air", 3),), (Single("drips", 6, -6),)),
    Weather.WIND: Place((Layer("wind", 3), Layer("leaves", -4))),
}
INDOORS: dict[Weather, Place] = {
    Weather.CLEAR: Place(()),
    Weather.CLOUDS: Place(()),
    Weather.RAIN: Place((Layer("rain outside", 1),)),
    Weather.STORM: Place((Layer("rain outside", 2), Layer("wind outside", 0)), (Single("thunder", 4, 8),)),
    Weather.SNOW: Place((Layer("wind outside", -9),)),
    Weather.FOG: Place(()),
    Weather.WIND: Place((Layer("wind outside", 1),)),
}
"""What is heard of the weather through walls."""


class Feeling(NamedTuple):
    """What a mood does: brighter or darker (decibels an octave), livelier or stiller, and sounds of its own."""

    tilt: float = 0.0
    liveliness: float = 1.0
    place: Place = Place(())


FEELINGS: dict[Mood, Feeling] = {
    Mood.CALM: Feeling(-0.5, 0.7),
    Mood.JOYFUL: Feeling(0.8, 1.6),
    Mood.TENSE: Feeling(-0.8, 0.4, Place((Layer("drone", -1),), (Single("creaks", 1, -8),))),
    Mood.SAD: Feeling(-1.2, 0.4, Place((Layer("rain outside", -5),), (Single("bells", 1, -5),))),
    Mood.FESTIVE: Feeling(
        0.6,
        1.3,
        Place(
            (Layer("crowd", -4), Layer("applause", -7)),
            (Single("drums", 5, -3), Single("fireworks", 3, -5, LATE), Single("hand bells", 5, -6)),
        ),
    ),
    Mood.MYSTERIOUS: Feeling(-0.4, 0.5, Place((Layer("hollow", -6),), (Single("shimmers", 5, -5),))),
    Mood.WARM: Feeling(-0.6, 0.8, Place((Layer("room", -3),))),
    Mood.LONELY: Feeling(-0.7, 0.2, Place((Layer("wind outside", -1),), (Single("wolves", 1, -6, LATE),))),
}

DAMPED = {Weather.RAIN: 0.35, Weather.STORM: 0.1, Weather.SNOW: 0.3, Weather.FOG: 0.5, Weather.WIND: 0.7}
"""How much of a place's life is heard in a weather that is not fine."""
DULL = {Weather.SNOW: -1.5, Weather.FOG: -1.2}
"""What takes the treble away, in decibels an octave."""
