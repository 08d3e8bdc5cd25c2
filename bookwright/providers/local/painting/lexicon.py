"""The words that the painter knows, in English and Hindi, from `words.json`: for each subject what words mean what."""

import functools
import json
from collections.abc import Mapping
from importlib import resources


@functools.cache
def _subjects() -> dict[str, dict[str, list[str]]]:
    data = json.loads((resources.files(__package__) / "words.json").read_text("utf-8"))
    return {
        subject: {meaning: words.split() for meaning, words in meanings.items()} for subject, meanings in data.items()
    }


def meanings(subject: str) -> Mapping[str, list[str]]:
    """The words by what they mean."""
    return _subjects()[subject]


def by_word(subject: str) -> dict[str, str]:
    """What each word means; of several meanings the last."""
    return {word: meaning for meaning, words in meanings(subject).items() for word in words}


def said_of(subject: str, words: frozenset[str]) -> list[str]:
    """The meanings of which one of the words tells, in their order."""
    return [meaning for meaning, known in meanings(subject).items() if words.intersection(known)]
