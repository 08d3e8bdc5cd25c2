"""What is to be heard, in the words that local engines know: a task's sketch, or its prompt, taken apart.

Pure, and quick: it is done for every call, and the score is the call's canonical input. Tasks that come to the same
score are the same call.
"""

import re

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import Mood, Setting, SoundSketch, TimeOfDay, Weather
from bookwright.contracts.media import SoundTask
from bookwright.providers.local.sounds.words import NAMED
from bookwright.text.telling import as_mood, as_setting, as_time, as_weather

MOST_NAMED = 6
"""Sounds that are named and heard in one soundscape; more would be a clamour."""


class Score(Payload):
    """What is to be heard."""

    setting: Setting = Setting.MEADOW
    time: TimeOfDay = TimeOfDay.DAY
    weather: Weather = Weather.CLEAR
    mood: Mood = Mood.CALM
    intensity: float = 0.5
    """0 to 1, in steps of a quarter."""
    sounds: tuple[str, ...] = ()
    """Names of single sounds and of beds, besides those that the place has."""


def score_of(task: SoundTask) -> Score:
    """The score of a task: from its sketch, and from its prompt where the sketch says nothing that is known."""
    sketch, prompt = task.sketch or SoundSketch(setting=""), task.prompt
    known = {
        "setting": as_setting(sketch.setting) or as_setting(prompt),
        "time": as_time(sketch.time) or as_time(prompt),
        "weather": as_weather(sketch.weather) or as_weather(prompt),
        "mood": as_mood(sketch.mood) or as_mood(prompt),
    }
    return Score(
        **{name: value for name, value in known.items() if value is not None},
        intensity=round(sketch.intensity * 4) / 4,
        sounds=_named(" ; ".join(sketch.sounds)) or _named(prompt),
    )


def _named(text: str) -> tuple[str, ...]:
    """All sounds that are named, in the order of the text."""
    text = text.casefold()
    found = sorted((place, name) for word, name in NAMED.items() if (place := _place(word, text)) is not None)
    return tuple(dict.fromkeys(name for _, name in found))[:MOST_NAMED]


def _place(word: str, text: str) -> int | None:
    """Where a word begins in a text, also in the plural or with an ending."""
    found = re.search(rf"\b{re.escape(word)}(s|es|y|ing|ed)?\b", text)
    return found.start() if found else None
