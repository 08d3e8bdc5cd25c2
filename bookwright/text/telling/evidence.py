"""How much speaks for each setting, time, weather, mood and sound in a text."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bookwright.text.sentences import sentences
from bookwright.text.telling.words import Hit, Kind, Words, tokens_of, words_of

SPOKEN = 0.3
"""What is talked about may be anywhere: of places, times and weathers so much counts what stands in quotation marks,"""
UNREAL = 0.3
"""… what is dreamt, remembered or planned."""
DENIED = 0.2
LEFT = 0.3
"""… a place that somebody comes from, or sees far off."""
THERE = 1.6
"""… a place that somebody is in, or comes to."""
AGAIN = 0.5
"""Each time that a word is repeated it counts so much of what it did before."""
_REACH = 4
"""Tokens before a word in which something is said of it."""
_QUOTED = re.compile(r"“[^”]*”?|\"[^\"]*\"?|«[^»]*»?|(?<!\w)‘(?:[^’]|’(?=\w))*’?|(?<!\w)'(?:[^']|'(?=\w))*'(?!\w)")
_PLACING = (Kind.SETTING, Kind.TIME, Kind.WEATHER)
_WHERE = (Kind.SETTING, Kind.SPOT)


@dataclass
class Evidence:
    """What speaks for what. Scores are sums of weights: 1 is a plain mention of a word that means nothing else."""

    scores: dict[Kind, dict[str, float]] = field(default_factory=lambda: {kind: {} for kind in Kind})
    scenic: list[tuple[float, str]] = field(default_factory=list)
    """The narrated sentences in order, with how much they tell of settings, times and weathers."""


def evidence(text: str, language: str) -> Evidence:
    """What a page tells of."""
    words = words_of(language)
    found = Evidence()
    scores: dict[Kind, dict[str, float]] = {kind: defaultdict(float) for kind in Kind}
    seen: dict[tuple[Kind, str, str], float] = defaultdict(lambda: 1.0)
    for sentence, spoken in _sentences(text, language):
        tokens = tokens_of(sentence)
        told = 0.0
        for hit in words.find(tokens):
            if _likened(hit, tokens, words):
                continue
            key = (hit.kind, hit.name, tokens[hit.at])
            weight = hit.weight * _weight(hit, tokens, spoken, words) * seen[key]
            seen[key] *= AGAIN
            scores[hit.kind][hit.name] += weight
            told += weight * (hit.kind in _PLACING)
        if not spoken:
            found.scenic.append((told, sentence))
    found.scores = {kind: dict(of_kind) for kind, of_kind in scores.items()}
    return found


def _sentences(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """The sentences of a text, and whether they are spoken by somebody in it."""
    at = 0
    for quoted in [*_QUOTED.finditer(text), None]:
        narrated = text[at : quoted.start() if quoted else len(text)]
        for span in sentences(narrated, language):
            yield narrated[span.start : span.end], False
        if quoted is None:
            return
        for span in sentences(quoted.group(), language):
            yield quoted.group()[span.start : span.end], True
        at = quoted.end()


def _likened(hit: Hit, tokens: Sequence[str], words: Words) -> bool:
    """Whether something is only compared with it, or named by it: `like thunder`, `a storm of applause`."""
    before = tokens[max(0, hit.at - _REACH) : hit.at]
    after = tokens[hit.at + hit.length : hit.at + hit.length + 2]
    if after[:1] == ["of"] and hit.kind in _PLACING and tokens[hit.at] in words.cue("made_of"):
        return True
    # `as a mountain`, not `as they came to the mountain`
    named = {second for first, second in pairwise(before) if first == "as"} & words.cue("like_as")
    return bool(named or words.cue("like") & set(before) or words.cue("like_after") & set(after))


def _weight(hit: Hit, tokens: Sequence[str], spoken: bool, words: Words) -> float:
    """What a mention counts, by what stands around it."""
    before = tokens[max(0, hit.at - _REACH) : hit.at]
    weight = 1.0
    if words.cue("denied") & set(before[-2:]) or any(token.endswith("n't") for token in before[-2:]):
        weight *= DENIED
    if hit.kind in (*_PLACING, Kind.SPOT, Kind.SOUND):
        weight *= (SPOKEN if spoken else 1.0) * (UNREAL if words.cue("unreal") & set(tokens) else 1.0)
    if hit.kind in _WHERE:
        looking = words.cue("looking") & set(before)
        if words.cue("far") & set(tokens[max(0, hit.at - _REACH) : hit.at + hit.length + _REACH]):
            weight *= LEFT
        elif not looking and (words.cue("left") & set(before[-3:]) or "out of" in " ".join(before[-3:])):
            weight *= LEFT
        elif words.cue("there") & set(before[-3:]):
            weight *= THERE
    return weight
