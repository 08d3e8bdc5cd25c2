"""Where one scene of a book ends and the next begins.

A scene is a run of spreads with one setting and mood: a reader would hear one ambient sound under it. It follows from
the spreads' analyses alone, whichever model made them, in the order of the book, wherever chapters begin. How it is
done, why the thresholds are what they are, and how good it is: docs/scenes.md.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.spreads import SpreadAnalysis
from bookwright.text.telling import as_mood, as_setting, as_time, as_weather
from bookwright.text.telling.likeness import mood_change, setting_change, time_change, weather_change

Scene = tuple[SpreadAnalysis, ...]
"""The analyses of its spreads, in order."""
LOOK_AHEAD = 2
"""Whether a scene begins at a spread is decided once so many later ones are known, at the latest."""
SETTING, TIME, WEATHER, MOOD = 1.0, 0.45, 0.45, 0.25
"""What a complete change of each weighs. Another setting is a change of scene by itself; of the others it takes two."""
LEAVES = 0.75
"""A change of so much from a scene is out of it …"""
RETURNS = 0.45
"""… unless the next spread is back within so much of it: hysteresis, so that a spread that stands out splits none."""
AT_THE_END = 0.9
"""What the last spread, after which nothing can be looked at, has to differ by."""
SUREST = 0.02
"""No spread says with less doubt than this whether a scene begins with it."""
SETTLED = 1.0
"""Scenes last more than a spread: what the first spread after a beginning, and the last one of a book, have to say more
clearly, in log-odds, to begin another one."""
SURE = 1.0
"""A spread that says so with log-odds above this (3 to 1) is no flicker, whatever the next one tells of."""
MEMORY = 0.7
"""What a spread counts for, against the one after it, in what a scene is like."""
SERVES = 0.3
"""A soundscape serves a scene from which its own differs by no more."""
SOUNDS = 0.2
"""What it weighs when none of a scene's sounds is in a soundscape."""
MOST_SOUNDS = 8


def find_scenes(analyses: Sequence[SpreadAnalysis], *, ended: bool) -> list[Scene]:
    """The scenes that are complete in these analyses, in order. What follows them belongs to a scene whose end is not
    known yet: hand it in again, as the beginning, once more analyses are there.

    `analyses` begin with the first spread of a scene (or of the book) and have no gap but of spreads that were given
    up or have no text; `ended` says that nothing follows, so that the last scene is complete, too. What was complete
    stays so: later analyses change no scene that was found without them."""
    found: list[Scene] = []
    start, like = 0, list(analyses[:1])
    for at in range(1, len(analyses)):
        ahead = analyses[at + 1 : at + 1 + LOOK_AHEAD]
        last = ended and not ahead
        if _leaving(like, analyses[at], settled=last or len(like) == 1) < 0.0:
            like.append(analyses[at])
            continue
        stays = _stays(like, analyses[at], ahead, ended)
        if stays is None:
            return found
        if not stays:
            found.append(tuple(analyses[start:at]))
            start, like = at, [analyses[at]]
    return [*found, tuple(analyses[start:])] if ended and analyses else found


def _leaving(like: Sequence[SpreadAnalysis], spread: SpreadAnalysis, *, settled: bool = False) -> float:
    """How clearly a spread is out of a scene, from 0 on, by itself."""
    odds = _log_odds(spread)
    if settled and odds > 0.0:
        odds = max(0.0, odds - SETTLED)
    return change_to(like, spread) - LEAVES + odds


def _log_odds(spread: SpreadAnalysis) -> float:
    """What a spread says itself of whether a scene begins with it; 0 where it says nothing."""
    if spread.turn is None:
        return 0.0
    likely = min(1.0 - SUREST, max(SUREST, spread.turn))
    return math.log(likely / (1.0 - likely))


def _stays(
    like: Sequence[SpreadAnalysis], spread: SpreadAnalysis, ahead: Sequence[SpreadAnalysis], ended: bool
) -> bool | None:
    """Whether a spread that is out of a scene is part of it nevertheless; None when that can't be said before more is
    known."""
    if ahead and ahead[0].turn is not None and _leaving(like, ahead[0]) > _leaving(like, spread):
        return True  # if a scene begins here, it does so with the next one
    for after in ahead:
        if _log_odds(spread) > SURE:
            return False
        if setting_change(spread.setting, after.setting) is None:
            continue  # it could be either's
        back = change_to(like, after)
        return back <= RETURNS and back < change_to([spread], after)
    if ended and not ahead:
        return _leaving(like, spread, settled=True) < AT_THE_END - LEAVES
    return False if ended or len(ahead) == LOOK_AHEAD else None


def change_to(like: Sequence[SpreadAnalysis], spread: SpreadAnalysis) -> float:
    """How much of a change a spread is after the spreads of a scene, of which the later ones count more."""
    indoors = (setting := as_setting(spread.setting)) is not None and setting.indoors
    return (
        SETTING * _mean(like, lambda one: setting_change(one.setting, spread.setting))
        + TIME * _mean(like, lambda one: time_change(one.time, spread.time))
        + WEATHER * (0.5 if indoors else 1.0) * _mean(like, lambda one: weather_change(one.weather, spread.weather))
        + MOOD * _mean(like, lambda one: mood_change(one.mood, spread.mood))
    )


def _mean(like: Sequence[SpreadAnalysis], of: Callable[[SpreadAnalysis], float | None]) -> float:
    """The mean over the spreads of which it is known, weighted by `MEMORY`; 0 when it is known of none."""
    total = weights = 0.0
    weight = 1.0
    for one in reversed(like):
        if (change := of(one)) is not None:
            total, weights, weight = total + weight * change, weights + weight, weight * MEMORY
    return total / weights if weights else 0.0


def sketch_of(scene: Scene) -> SoundSketch:
    """What is heard in a scene: the setting, time, weather and mood that most of its spreads have, by the names that
    local engines know where there are such, and the sounds that it names most."""
    sounds = Counter(sound for spread in scene for sound in spread.sounds)
    return SoundSketch(
        setting=_most(as_setting(spread.setting) or spread.setting for spread in scene),
        time=_most(as_time(spread.time) or "" for spread in scene),
        weather=_most(as_weather(spread.weather) or "" for spread in scene),
        mood=_most(as_mood(spread.mood) or spread.mood for spread in scene),
        intensity=sum(spread.intensity for spread in scene) / len(scene),
        sounds=tuple(sound for sound, _count in sounds.most_common(MOST_SOUNDS)),
    )


def prompt_of(scene: Scene) -> str:
    """One line for the sound engine: that of the spread that comes nearest to all others."""
    return min(scene, key=lambda spread: change_to(scene, spread)).sound_prompt


def _most(names: Iterable[str]) -> str:
    """The name that occurs most, the first of equal ones; an empty one only if there is no other."""
    counted = Counter(str(name) for name in names)
    return max(counted, key=lambda name: (bool(name), counted[name]))


def serving(wanted: SoundSketch, existing: Sequence[SoundSketch]) -> int | None:
    """The index of the soundscape, of those that exist, that serves a scene too: the one that differs least, the first
    of equal ones. None when the scene needs one of its own."""
    apart = [_apart(one, wanted) for one in existing]
    best = min(range(len(apart)), key=apart.__getitem__, default=None)
    return best if best is not None and apart[best] <= SERVES else None


def _apart(one: SoundSketch, wanted: SoundSketch) -> float:
    """How much of a change it would be to hear one for the other. Daylight and clear weather are what is heard where
    nothing is said of them."""
    setting = setting_change(one.setting, wanted.setting)
    missing = set(wanted.sounds[:MOST_SOUNDS]) - set(one.sounds)
    return (
        SETTING * (1.0 if setting is None else setting)
        + TIME * (time_change(one.time or "day", wanted.time or "day") or 0.0)
        + WEATHER * (weather_change(one.weather or "clear", wanted.weather or "clear") or 0.0)
        + MOOD * (mood_change(one.mood, wanted.mood) or 0.0)
        + SOUNDS * (len(missing) / len(wanted.sounds[:MOST_SOUNDS]) if wanted.sounds else 0.0)
    )
