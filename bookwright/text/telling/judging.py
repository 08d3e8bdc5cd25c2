"""What a spread tells of, all things considered: words that stand in it, what came before it, and what it means."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.text.telling.evidence import Evidence
from bookwright.text.telling.words import Kind

KEPT = 0.65
"""What the words of a page still count a page later."""
PRIOR = {Kind.SETTING: 0.65, Kind.TIME: 0.6, Kind.WEATHER: 0.4}
"""What all the pages before a spread count together, at most: people stay where they are until something else is said,
and one word that says so clearly is enough. A mood has no such inertia."""
ENOUGH = 3.0
"""Words of one place on one page count less and less, and no more than this together."""
MEANT = {Kind.SETTING: 0.35, Kind.MOOD: 0.2}
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


def judge(
    pages: Sequence[Evidence], before: Sequence[Evidence], meant: Mapping[Kind, Mapping[str, float]]
) -> Judgement:
    """Rank what speaks for each, don't threshold: the most likely is taken, however little speaks for it. `before` are
    the pages before a spread, in order; `meant` has, from 0 to 1, how near the spread comes in meaning to what could be
    said."""

    def ranked(kind: Kind) -> dict[str, float]:
        scores = _before(kind, before)
        for page in pages:
            for name, score in page.scores[kind].items():
                scores[name] = scores.get(name, 0.0) + _enough(score)
        said = bool(scores)  # what is meant then only tells apart what is said
        for name, near in meant.get(kind, {}).items():
            if name in scores or not said:
                scores[name] = scores.get(name, 0.0) + MEANT[kind] * near
        return scores

    setting = _best(ranked(Kind.SETTING), 0.0)
    time, weather = (_best(ranked(kind), FLOOR) for kind in (Kind.TIME, Kind.WEATHER))
    mood = _best(ranked(Kind.MOOD), 0.0)
    sounds = Counter[str]()
    for page in pages:
        sounds.update(page.scores[Kind.SOUND])
    return Judgement(
        setting=Setting(setting) if setting else None,
        time=TimeOfDay(time) if time else None,
        weather=Weather(weather) if weather else None,
        mood=Mood(mood) if mood else Mood.CALM,
        intensity=_intensity(pages),
        sounds=tuple(sound for sound, score in sounds.most_common() if score >= HEARD),
    )


def _before(kind: Kind, before: Sequence[Evidence]) -> dict[str, float]:
    scores: dict[str, float] = {}
    if kind in PRIOR:
        for page in before:
            scores = {name: KEPT * score for name, score in scores.items()}
            for name, score in page.scores[kind].items():
                scores[name] = scores.get(name, 0.0) + _enough(score)
    most = max(sum(scores.values()) / PRIOR.get(kind, 1.0), 1.0)
    return {name: score / most for name, score in scores.items()}


def _enough(score: float) -> float:
    return ENOUGH * score / (ENOUGH + score)


HEARD = 0.5
"""What has to speak for a sound that is not only talked of."""
FLOOR = 0.25
"""What has to speak for a time or a weather; most pages say nothing of either, and then it is not known."""


def _best(scores: Mapping[str, float], floor: float) -> str | None:
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] >= floor else None


_STIRRING = {Mood.TENSE: 1.0, Mood.FESTIVE: 0.9, Mood.JOYFUL: 0.6, Mood.MYSTERIOUS: 0.4, Mood.SAD: 0.3, Mood.WARM: 0.2}


def _intensity(pages: Sequence[Evidence]) -> float:
    """The share of what stirs among all words of mood, towards the middle while there are few of them."""
    scores = [(Mood(name), score) for page in pages for name, score in page.scores[Kind.MOOD].items()]
    stirring = sum(_STIRRING.get(mood, 0.0) * score for mood, score in scores)
    return round((stirring + 0.6) / (sum(score for _mood, score in scores) + 2.0), 2)
