"""How likely it is that a scene begins with a spread, by what its text says itself: how it opens, and which places it
names that the pages before it did not.

A logistic model over a few named clues. `python -m benchmarks.turning` fits `WEIGHTS` to the tuning books of
tests/data/scenes; what each clue is for: docs/scenes.md.
"""

import math
from collections.abc import Mapping, Sequence

from bookwright.text.telling.evidence import Evidence, evidence
from bookwright.text.telling.likeness import KIN, setting_change
from bookwright.text.telling.words import LANGUAGES, Hit, Kind, primary, tokens_of, words_of

BIAS = -1.65
WEIGHTS = {
    "later": 2.31,
    "moved": 1.23,
    "time": 1.40,
    "weather": 0.73,
    "new_place_first": 0.85,
    "new_place": 1.46,
    "new_spot": 0.57,
    "same_place": -0.61,
    "spoken": -1.29,
    "goes_on": -0.54,
    "shared_words": -5.61,
}
"""Log-odds that each clue adds when it is 1; without any clue they are `BIAS`."""
TURNS = ("later", "moved")
"""The clues that are phrases."""
BEGINNING_CHARS = 600
"""Of each page: where it is and when is told where a scene begins, and long pages name many places besides."""
OPENING = 2
"""Narrated sentences that are the opening of a spread: books say there where and when a scene is."""
FADES = 0.65
"""What a place that a page names still counts a page later."""
FAMILIAR = 0.7
"""A spot that counts so much before a spread is no news in it."""
CLEAR = 1.6
"""More than one clear mention makes no place newer, or more familiar."""
MOST_SHARED = 0.2
_QUOTES = "\"'“”‘«„"


def turn(pages: Sequence[str], before: Sequence[str], language: str) -> float | None:
    """How likely a scene begins with the pages of a spread (0 to 1), which come after `before`. None in languages whose
    words are not known."""
    if primary(language) not in LANGUAGES:
        return None
    found = clues(pages, before, language)
    odds = BIAS + sum(WEIGHTS[name] * value for name, value in found.items())
    return round(1.0 / (1.0 + math.exp(-odds)), 3)


def clues(pages: Sequence[str], before: Sequence[str], language: str) -> dict[str, float]:
    """What speaks for and against a scene that begins with these pages, by the names of `WEIGHTS`; 0 where nothing is
    to be seen of it, at most `CLEAR`."""
    begins = [text[:BEGINNING_CHARS] for text in pages]
    found, earlier = ([evidence(text, language) for text in texts] for texts in (begins, before))
    told = _told(found)
    opening = evidence(" ".join(told[:OPENING]), language)
    hits = _turns(told, language)
    known, whole = _known(earlier), _summed(found)
    first = begins[0].lstrip() if begins else ""
    return {
        **{name: max((hit.weight for hit, _phrase in hits if hit.name == name), default=0.0) for name in TURNS},
        "time": min(1.0, max(opening.scores[Kind.TIME].values(), default=0.0)),
        "weather": min(1.0, max(opening.scores[Kind.WEATHER].values(), default=0.0)),
        "new_place_first": _new_place(opening.scores[Kind.SETTING], known[Kind.SETTING]),
        "new_place": _new_place(whole[Kind.SETTING], known[Kind.SETTING]),
        "new_spot": _new_spot(whole[Kind.SPOT], known[Kind.SPOT]),
        "same_place": _same_place(whole[Kind.SETTING], known[Kind.SETTING]),
        "spoken": float(first[:1] in tuple(_QUOTES)),
        "goes_on": float(bool(words_of(language).cue("goes_on") & set(tokens_of(first)[:1]))),
        "shared_words": _shared(begins[:1], before[-2:]),
    }


def phrases(pages: Sequence[str], language: str) -> set[tuple[str, str]]:
    """What `later` and `moved` are seen by: the clue, and the phrase."""
    told = _told([evidence(text[:BEGINNING_CHARS], language) for text in pages])
    return {(hit.name, phrase) for hit, phrase in _turns(told, language)}


def _told(pages: Sequence[Evidence]) -> list[str]:
    """The narrated sentences."""
    return [sentence for page in pages for _weight, sentence in page.scenic if any(map(str.isalpha, sentence))]


def _turns(told: Sequence[str], language: str) -> list[tuple[Hit, str]]:
    """The phrases of time and of coming and going in the first narrated sentence."""
    tokens = tokens_of(told[0] if told else "")
    hits = [hit for hit in words_of(language).find(tokens) if hit.kind is Kind.TURN]
    return [(hit, " ".join(tokens[hit.at : hit.at + hit.length])) for hit in hits]


def _known(pages: Sequence[Evidence]) -> dict[Kind, dict[str, float]]:
    """The places that these pages tell of, the last ones most."""
    known: dict[Kind, dict[str, float]] = {Kind.SETTING: {}, Kind.SPOT: {}}
    for page in pages:
        for kind, scores in known.items():
            for name in scores:
                scores[name] *= FADES
            for name, score in page.scores[kind].items():
                scores[name] = scores.get(name, 0.0) + min(score, CLEAR)
    return known


def _summed(pages: Sequence[Evidence]) -> dict[Kind, dict[str, float]]:
    summed: dict[Kind, dict[str, float]] = {Kind.SETTING: {}, Kind.SPOT: {}}
    for page in pages:
        for kind, scores in summed.items():
            for name, score in page.scores[kind].items():
                scores[name] = scores.get(name, 0.0) + score
    return summed


def _new_place(scores: Mapping[str, float], known: Mapping[str, float]) -> float:
    """How clearly a place is named that is unlike those that are known."""
    total = sum(known.values())

    def share(name: str) -> float:
        kin = sum(score for other, score in known.items() if (setting_change(other, name) or 0.0) <= KIN)
        return kin / total if total else 0.0

    return max((min(score, CLEAR) * (1.0 - share(name)) for name, score in scores.items()), default=0.0)


def _new_spot(scores: Mapping[str, float], known: Mapping[str, float]) -> float:
    """How clearly a spot is named that was not named before."""
    return max(
        (min(score, CLEAR) * max(0.0, 1.0 - known.get(name, 0.0) / FAMILIAR) for name, score in scores.items()),
        default=0.0,
    )


def _same_place(scores: Mapping[str, float], known: Mapping[str, float]) -> float:
    """How clearly the likeliest place of the pages before is named again."""
    if not known:
        return 0.0
    place = max(known, key=lambda name: known[name])
    return min(CLEAR, sum(score for name, score in scores.items() if (setting_change(place, name) or 0.0) <= KIN))


def _shared(pages: Sequence[str], before: Sequence[str]) -> float:
    """The share of the longer words of a page that the pages before it have, too (lexical cohesion, as in TextTiling:
    Hearst 1997). Long pages share many in any case."""
    words, known = _stems(pages), _stems(before)
    return min(MOST_SHARED, len(words & known) / len(words)) if words else 0.0


def _stems(texts: Sequence[str]) -> set[str]:
    """Beginnings of words, which have most of their forms in common."""
    return {token[:6] for text in texts for token in tokens_of(text) if len(token) > 3}
