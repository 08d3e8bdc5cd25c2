"""Words and phrases that are held back, and those that only look like them."""

import itertools
import re
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.text.policy.folding import fold, words

_FOLDER = Path(__file__).with_name("lexicons")
_CHOICE = re.compile(r"\(([^()]*)\)")
_LONGEST = 40
"""Letters of the longest beginning of a word."""
COMMON = "common"
"""The lexicon that holds for all languages."""
LATIN = ("en", "es", "fr", "de", "pt", "sw")
OTHER = ("hi", "mr", "bn", "gu", "pa", "or", "ta", "te", "kn", "ml", "ar")
"""Languages in scripts of their own: their words can't be taken for another language's."""
LANGUAGES = (*LATIN, *OTHER)


class Category(StrEnum):
    """What may speak against a text."""

    VIOLENCE = "violence"
    SEXUAL = "sexual"
    SELF_HARM = "self_harm"
    DRUGS = "drugs"
    """Alcohol and tobacco, too."""
    HATE = "hate"
    """Slurs and foul language, too."""
    FRIGHTENING = "frightening"
    PERSONAL_DATA = "personal_data"


class _Held(Payload):
    category: Category
    below: int = Field(ge=1)
    """Readers younger than this are not to meet it."""
    words: str
    """Words and phrases, separated by commas. `kill*` is every word that begins so, `(a|b)` is either."""


class _File(Payload):
    held: list[_Held]
    innocent: str = ""
    """Phrases in which such words mean no harm, in the same form."""


@dataclass(frozen=True)
class Hold:
    """A word that is held back."""

    category: Category
    below: int


Phrases = list[tuple[tuple[str, ...], Hold | None]]
"""Phrases word by word, and what they are."""


@dataclass
class Lexicon:
    """Phrases by their first word: whole words, and beginnings of words."""

    whole: dict[str, Phrases] = field(default_factory=dict)
    begun: dict[str, Phrases] = field(default_factory=dict)

    def add(self, phrase: str, hold: Hold | None) -> None:
        """Add a phrase; without a hold it is an innocent one."""
        for parts in _expanded(phrase):
            first = parts[0]
            index, key = (self.begun, first[:-1]) if first.endswith("*") else (self.whole, first)
            index.setdefault(key, []).append((parts, hold))

    def beginning(self, word: str) -> Phrases:
        """The phrases that begin with a word, or are it."""
        found = list(self.whole.get(word, ()))
        for length in range(2, min(len(word), _LONGEST) + 1):
            found += self.begun.get(word[:length], ())
        return found

    @cached_property
    def singles(self) -> dict[int, list[tuple[str, Hold]]]:
        """The single words, without what may follow them, by their lengths."""
        found: dict[int, list[tuple[str, Hold]]] = {}
        for index in (self.whole, self.begun):
            for key, entries in index.items():
                for parts, hold in entries:
                    if len(parts) == 1 and hold is not None:
                        found.setdefault(len(key), []).append((key, hold))
        return found


@cache
def lexicon(language: str) -> Lexicon:
    """What a text in one of LANGUAGES (any other is the empty string) is held against: its own words, those in other
    scripts, English ones where they stand in Latin letters between others, and the common ones."""
    own = language if language in LATIN else "en" if language in OTHER else None
    found = Lexicon()
    for name in (COMMON, *OTHER, own):
        if name is not None:
            _add(found, _file(name))
    return found


def _add(lexicon: Lexicon, file: _File) -> None:
    for held in file.held:
        for phrase in _phrases(held.words):
            lexicon.add(phrase, Hold(held.category, held.below))
    for phrase in _phrases(file.innocent):
        lexicon.add(phrase, None)
        lexicon.add(phrase.replace(" ", ""), None)


@cache
def _file(name: str) -> _File:
    return _File.model_validate(tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


def _phrases(listed: str) -> list[str]:
    return [phrase for phrase in (part.strip() for part in listed.split(",")) if phrase]


def _expanded(phrase: str) -> list[tuple[str, ...]]:
    """Every wording of a phrase, as folded words."""
    pieces = _CHOICE.split(phrase)
    choices = [piece.split("|") if at % 2 else [piece] for at, piece in enumerate(pieces)]
    return [_parts("".join(chosen)) for chosen in itertools.product(*choices)]


def _parts(phrase: str) -> tuple[str, ...]:
    found: list[str] = []
    for piece in phrase.split():
        star = piece.endswith("*")
        of_piece = words(fold(piece.rstrip("*")))
        found += [*of_piece[:-1], of_piece[-1] + ("*" if star else "")]
    return tuple(found)


def goes_on(parts: tuple[str, ...], text: list[str], place: int) -> bool:
    """Whether a phrase that begins with the word at a place of a text stands there as a whole."""
    return len(parts) <= len(text) - place and all(
        _fits(part, text[place + n]) for n, part in enumerate(parts) if n > 0
    )


def _fits(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part
