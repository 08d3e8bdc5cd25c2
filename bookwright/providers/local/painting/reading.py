"""What a depiction means: its words as those that the painter knows."""

import re
from dataclasses import dataclass

from bookwright.contracts.depicting import Depiction, Mood, Setting, TimeOfDay, Weather
from bookwright.text.telling import as_mood, as_setting, as_time, as_weather

_WORD = re.compile(r"[^\W\d_]+(?:[\u0900-\u0dff\u200c\u200d]+[^\W\d_]*)*")


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, in their order."""
    return _WORD.findall(text.casefold())


@dataclass(frozen=True)
class Told:
    """Where and when it is, and the words that say what happens there."""

    setting: Setting
    time: TimeOfDay
    weather: Weather
    mood: Mood | None
    words: frozenset[str]


def told_by(depiction: Depiction) -> Told:
    """Each from its own field; what that leaves open, from what is said of the action."""
    where, what = depiction.setting, depiction.action
    setting = as_setting(where) or as_setting(what) or Setting.MEADOW
    time = as_time(depiction.time) or as_time(where) or as_time(what) or TimeOfDay.DAY
    weather = as_weather(depiction.weather) or as_weather(what) or Weather.CLEAR
    if setting in (Setting.UNDERWATER, Setting.SPACE):
        weather = Weather.CLEAR
    return Told(setting, time, weather, as_mood(depiction.mood), frozenset(words_of(f"{where} {what}")))
