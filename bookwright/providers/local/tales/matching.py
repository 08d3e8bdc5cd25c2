"""What a brief's words come nearest to."""

import re
from collections.abc import Mapping
from random import Random

_WORD = re.compile(r"[^\s.,;:!?…।()\[\]\"'“”‘’/_—–-]+")
_STEM = 4
"""Letters from which on a word is also recognised by its beginning: `dragons` by `dragon`."""


def words_in(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.casefold())


def score(text: str, words: str) -> int:
    """How many of the text's words are among these."""
    known = set(words.casefold().split())
    return sum(word in known or any(_begins(word, other) for other in known) for word in words_in(text))


def nearest(text: str, lexicon: Mapping[str, str]) -> str | None:
    """The entry with most words in common with the text, the first of several; None when there is no such word."""
    best = max(lexicon, key=lambda key: score(text, lexicon[key]))
    return best if score(text, lexicon[best]) else None


def drawn(rng: Random, text: str, lexicon: Mapping[str, str]) -> str:
    """The nearest entry; without a common word, or where several are as near, one of them by chance."""
    scores = {key: score(text, words) for key, words in lexicon.items()}
    most = max(scores.values())
    return rng.choice([key for key, value in scores.items() if value == most and (most or lexicon[key])])


def _begins(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return len(shorter) >= _STEM and longer.startswith(shorter) and len(longer) - len(shorter) <= 3
