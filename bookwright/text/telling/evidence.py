"""How much speaks for each setting, time, weather, mood and sound in a text."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bookwright.text.sentences import sentences
from bookwright.text.telling.words import Hit, Kind, Words, tokens_of, words_of

SPOKEN = 0.3
"""What is talked about may be anywhere: so much counts what stands in quotation marks, of places, times and weathers."""
UNREAL = 0.3
"""… what is dreamt, remembered or planned."""
LIKENED = 0.1
"""… what something is only compared with, or named by (`like thunder`, `a storm of applause`)."""
DENIED = 0.2
LEFT = 0.3
"""… the place that somebody comes from."""
THERE = 1.6
"""… a place that somebody is in, or comes to."""
AGAIN = 0.5
"""Each time that a word is repeated it counts so much of what it did before."""
_REACH = 4
"""Tokens before a word in which something is said of it."""
_QUOTED = re.compile(r"“[^”]*”?|\"[^\"]*\"?|«[^»]*»?|(?<!\w)‘(?:[^’]|’(?=\w))*’?|(?<!\w)'(?:[^']|'(?=\w))*'(?!\w)")
_PLACING = (Kind.SETTING, Kind.TIME, Kind.WEATHER)


@dataclass
class Evidence:
    """What speaks for what. Scores are sums of weights: 1 is a plain mention of a word that means nothing else."""

    scores: dict[Kind, dict[str, float]] = field(default_factory=lambda: {kind: {} for kind in Kind})
    scenic: list[tuple[float, str]] = field(default_factory=list)
    """The narrated sentences in order, with how much they tell of settings, times and weathers."""

    def ranked(self, kind: Kind) -> list[tuple[str, float]]:
        """What there is, the most first."""
        return sorted(self.scores[kind].items(), key=lambda item: -item[1])


def evidence(texts: Sequence[str], language: str) -> Evidence:
    """What a spread's pages tell of."""
    words = words_of(language)
    found = Evidence()
    scores: dict[Kind, dict[str, float]] = {kind: defaultdict(float) for kind in Kind}
    seen: dict[tuple[Kind, str, str], float] = defaultdict(lambda: 1.0)
    for text in texts:
        for sentence, spoken in _sentences(text, language):
            tokens = tokens_of(sentence)
            told = 0.0
            for hit in words.find(tokens):
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


def _weight(hit: Hit, tokens: Sequence[str], spoken: bool, words: Words) -> float:
    """What a mention counts, by what stands around it."""
    before = tokens[max(0, hit.at - _REACH) : hit.at]
    after = tokens[hit.at + hit.length : hit.at + hit.length + 2]
    placing = hit.kind in _PLACING
    weight = 1.0
    named_by = after[:1] == ["of"] and placing and tokens[hit.at] in words.cue("made_of")
    if words.cue("like") & set(before) or words.cue("like_after") & set(after) or named_by:
        weight *= LIKENED
    if words.cue("denied") & set(before[-2:]) or any(token.endswith("n't") for token in before[-2:]):
        weight *= DENIED
    if placing:
        weight *= (SPOKEN if spoken else 1.0) * (UNREAL if words.cue("unreal") & set(tokens) else 1.0)
    if hit.kind is Kind.SETTING:
        if words.cue("left") & set(before[-3:]) or "out of" in " ".join(before[-3:]):
            weight *= LEFT
        elif words.cue("there") & set(before[-3:]):
            weight *= THERE
    return weight
