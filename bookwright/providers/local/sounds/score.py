"""What is to be heard, in the words that local engines know: a task's sketch, or its prompt, taken apart.

Pure, and quick: it is done for every call, and the score is the call's canonical input. Tasks that come to the same
score are the same call.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.contracts.media import SoundTask
from bookwright.providers.local.sounds.words import MOODS, NAMED, SETTINGS, TIMES, WEATHERS

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
    sketch, prompt = task.sketch, task.prompt
    known = {
        "setting": _named(Setting, SETTINGS, sketch.setting if sketch else "", prompt),
        "time": _named(TimeOfDay, TIMES, sketch.time if sketch else "", prompt),
        "weather": _named(Weather, WEATHERS, sketch.weather if sketch else "", prompt),
        "mood": _named(Mood, MOODS, sketch.mood if sketch else "", prompt),
    }
    sounds = _all_in(NAMED, " ; ".join(sketch.sounds) if sketch else "") or _all_in(NAMED, prompt)
    return Score(
        **{name: value for name, value in known.items() if value is not None},
        intensity=round((sketch.intensity if sketch else 0.5) * 4) / 4,
        sounds=sounds,
    )


def _named(kind: type[StrEnum], words: Mapping[str, str], *texts: str) -> StrEnum | None:
    """The member that the first telling text names: by its own name, else by the first word that is known."""
    for text in texts:
        text = text.casefold().strip()
        if text in list(kind):
            return kind(text)
        if found := _first_in(words, text):
            return kind(found)
    return None


def _first_in(words: Mapping[str, str], text: str) -> str | None:
    found = [(place, name) for word, name in words.items() if (place := _place(word, text)) is not None]
    return min(found)[1] if found else None


def _all_in(words: Mapping[str, str], text: str) -> tuple[str, ...]:
    """All that are named, in the order of the text."""
    text = text.casefold()
    found = sorted((place, name) for word, name in words.items() if (place := _place(word, text)) is not None)
    return tuple(dict.fromkeys(name for _, name in found))[:MOST_NAMED]


def _place(word: str, text: str) -> int | None:
    """Where a word begins in a text, also in the plural or with an ending."""
    found = re.search(rf"\b{re.escape(word)}(s|es|y|ing|ed)?\b", text)
    return found.start() if found else None
