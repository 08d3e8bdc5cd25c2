"""What a spread tells of, all things considered: words that stand in it, what came before it, and what it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.text.telling.evidence import Evidence, evidence
from bookwright.text.telling.words import Kind

N = TypeVar("N", Setting, TimeOfDay, Weather, Mood)

BEFORE = {Kind.SETTING: 0.6, Kind.TIME: 0.5, Kind.WEATHER: 0.35}
"""What the pages before a spread count: people stay where they are until something else is said. A mood has no such
inertia."""
MEANT = 0.8
"""What the nearest in meaning counts, when a text is compared with descriptions."""


@dataclass(frozen=True)
class Judgement:
    """What is most likely; None where nothing speaks for anything."""

    setting: Setting | None
    time: TimeOfDay | None
    weather: Weather | None
    mood: Mood
    intensity: float
    sounds: tuple[str, ...]


def judge(pages: Evidence, before: Evidence | None, meant: Mapping[Kind, Mapping[str, float]]) -> Judgement:
    """Rank what speaks for each, don't threshold: the most likely is taken, however little speaks for it. `meant` has,
    from 0 to 1, how near the text comes in meaning to what could be said."""

    def ranked(kind: Kind) -> dict[str, float]:
        scores = dict(pages.scores[kind])
        if before is not None and kind in BEFORE:
            whole = sum(before.scores[kind].values())
            for name, score in before.scores[kind].items():
                scores[name] = scores.get(name, 0.0) + BEFORE[kind] * score / max(whole, 1.0)
        for name, near in meant.get(kind, {}).items():
            scores[name] = scores.get(name, 0.0) + MEANT * near
        return scores

    setting, time, weather, mood = (_best(ranked(kind)) for kind in (Kind.SETTING, Kind.TIME, Kind.WEATHER, Kind.MOOD))
    return Judgement(
        setting=Setting(setting) if setting else None,
        time=TimeOfDay(time) if time else None,
        weather=Weather(weather) if weather else None,
        mood=Mood(mood) if mood else Mood.CALM,
        intensity=_intensity(pages),
        sounds=tuple(sound for sound, _score in pages.ranked(Kind.SOUND)),
    )


def _best(scores: Mapping[str, float]) -> str | None:
    return max(scores, key=lambda name: scores[name], default=None)


_STIRRING = {Mood.TENSE: 1.0, Mood.FESTIVE: 0.9, Mood.JOYFUL: 0.6, Mood.MYSTERIOUS: 0.4, Mood.SAD: 0.3, Mood.WARM: 0.2}


def _intensity(pages: Evidence) -> float:
    """The share of what stirs among all words of mood, towards the middle while there are few of them."""
    scores = pages.scores[Kind.MOOD]
    stirring = sum(_STIRRING.get(Mood(name), 0.0) * score for name, score in scores.items())
    return round((stirring + 0.6) / (sum(scores.values()) + 2.0), 2)
