"""How much of a change it is from one setting, time, weather or mood to another."""

import math

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.text.telling.names import as_mood, as_setting, as_time, as_weather
from bookwright.text.telling.words import tokens_of

KIN = 0.5
"""Between settings that sound and look alike."""
_KINDRED = (
    {Setting.FOREST, Setting.MEADOW, Setting.GARDEN},
    {Setting.RIVER, Setting.LAKE},
    {Setting.MOUNTAINS, Setting.SNOW},
    {Setting.ROOM, Setting.KITCHEN},
    {Setting.ROOM, Setting.CASTLE},
    {Setting.ROOM, Setting.SCHOOL},
    {Setting.VILLAGE, Setting.MEADOW},
    {Setting.VILLAGE, Setting.MARKET},
    {Setting.CITY_STREET, Setting.MARKET},
    {Setting.VILLAGE, Setting.CITY_STREET},
)
_UNKNOWN = frozenset({"", "unknown", "unclear", "unspecified", "none", "n/a", "not stated", "not specified"})
_TIMES: dict[frozenset[TimeOfDay], float] = {
    frozenset({TimeOfDay.DAWN, TimeOfDay.DAY}): 0.4,
    frozenset({TimeOfDay.DAY, TimeOfDay.DUSK}): 0.5,
    frozenset({TimeOfDay.DUSK, TimeOfDay.NIGHT}): 0.5,
    frozenset({TimeOfDay.NIGHT, TimeOfDay.DAWN}): 0.7,
    frozenset({TimeOfDay.DAWN, TimeOfDay.DUSK}): 0.7,
    frozenset({TimeOfDay.DAY, TimeOfDay.NIGHT}): 1.0,
}
_WEATHERS: dict[frozenset[Weather], float] = {
    frozenset({Weather.CLEAR, Weather.CLOUDS}): 0.2,
    frozenset({Weather.CLEAR, Weather.WIND}): 0.4,
    frozenset({Weather.CLOUDS, Weather.WIND}): 0.3,
    frozenset({Weather.CLOUDS, Weather.FOG}): 0.4,
    frozenset({Weather.CLOUDS, Weather.RAIN}): 0.6,
    frozenset({Weather.RAIN, Weather.STORM}): 0.5,
    frozenset({Weather.WIND, Weather.STORM}): 0.5,
}
_OTHER_WEATHER = 0.9
_MOODS: dict[Mood, tuple[float, float]] = {
    Mood.CALM: (0.4, 0.0),
    Mood.JOYFUL: (0.9, 0.6),
    Mood.TENSE: (-0.7, 0.9),
    Mood.SAD: (-0.7, 0.2),
    Mood.FESTIVE: (0.8, 0.9),
    Mood.MYSTERIOUS: (-0.2, 0.4),
    Mood.WARM: (0.7, 0.2),
    Mood.LONELY: (-0.5, 0.1),
}
"""How pleasant (-1 to 1) and how stirring (0 to 1) each is, after Russell's circumplex of affect (1980)."""
_FARTHEST_MOODS = math.dist(_MOODS[Mood.TENSE], _MOODS[Mood.CALM])


def setting_change(one: str, other: str) -> float | None:
    """From 0, the same, to 1; None when one of them is not known. Names outside our list are the same when they share
    a word."""
    if one.casefold().strip() in _UNKNOWN or other.casefold().strip() in _UNKNOWN:
        return None
    first, second = as_setting(one), as_setting(other)
    if first is None or second is None:
        return 0.0 if set(tokens_of(one)) & set(tokens_of(other)) else 1.0
    if first is second:
        return 0.0
    return KIN if any({first, second} <= kin for kin in _KINDRED) else 1.0


def time_change(one: str, other: str) -> float | None:
    """As `setting_change`, for times of day."""
    first, second = as_time(one), as_time(other)
    if first is None or second is None:
        return None
    return 0.0 if first is second else _TIMES[frozenset({first, second})]


def weather_change(one: str, other: str) -> float | None:
    """As `setting_change`, for weathers."""
    first, second = as_weather(one), as_weather(other)
    if first is None or second is None:
        return None
    return 0.0 if first is second else _WEATHERS.get(frozenset({first, second}), _OTHER_WEATHER)


def mood_change(one: str, other: str) -> float | None:
    """As `setting_change`, for moods: how far they are apart in pleasantness and stir."""
    first, second = as_mood(one), as_mood(other)
    if first is None or second is None:
        return None
    return min(1.0, math.dist(_MOODS[first], _MOODS[second]) / _FARTHEST_MOODS)
