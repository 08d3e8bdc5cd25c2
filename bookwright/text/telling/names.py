"""Names that language models give to settings, times, weathers and moods, as the words that local engines know."""

from functools import lru_cache

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.text.telling.words import Kind, tokens_of, words_of


def as_setting(name: str) -> Setting | None:
    """The setting that a name in English means: `harbour at low tide` is the beach. None for one that is not known.
    The most telling word counts; of equal ones the last, which in English carries the meaning (`castle garden`)."""
    found = _named(name, Kind.SETTING)
    return Setting(found) if found else None


def as_time(name: str) -> TimeOfDay | None:
    """The time of day that is meant: `late evening, autumn` is dusk."""
    found = _named(name, Kind.TIME)
    return TimeOfDay(found) if found else None


def as_weather(name: str) -> Weather | None:
    """The weather that is meant: `light drizzle` is rain."""
    found = _named(name, Kind.WEATHER)
    return Weather(found) if found else None


def as_mood(name: str) -> Mood | None:
    """The mood that is meant: `quiet suspense` is tense."""
    found = _named(name, Kind.MOOD)
    return Mood(found) if found else None


@lru_cache(maxsize=4_096)
def _named(name: str, kind: Kind) -> str | None:
    hits = [hit for hit in words_of("en").find(tokens_of(name)) if hit.kind is kind]
    if not hits:
        return None
    return max(hits, key=lambda hit: (hit.weight, hit.length, hit.at)).name
