"""The words of a language that tell of something, and where they stand in a text."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("words")
LANGUAGES = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
"""Those whose words are known (ISO 639)."""
HINT = 0.35
"""What a word that may mean something else, too, weighs against one that tells of one thing only."""
# Python's \w lacks the vowel signs of Indian scripts; U+0964 and U+0965 are their full stops.
_TOKEN = re.compile(
    r"[\w\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u200c\u200d]"
    r"[\w\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u200c\u200d'\-]*"
)
_LONGEST = 24
"""Letters of the longest beginning of a word."""


class Kind(StrEnum):
    """What words can tell of."""

    SETTING = "setting"
    TIME = "time"
    WEATHER = "weather"
    MOOD = "mood"
    SOUND = "sound"
    SPOT = "spot"
    """A place more exactly than by its setting: `vehicle`, `passage`, `church`."""
    TURN = "turn"
    """That another scene begins: it is `later`, or somebody has `moved`."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word or phrase that tells of something."""

    kind: Kind
    name: str
    """Of what: a member of `contracts.depicting`'s lists, or a sound."""
    at: int
    """The place of its first token."""
    length: int
    """In tokens."""
    weight: float


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: Kind
    name: str
    parts: tuple[str, ...]
    weight: float


class Words:
    """The words of one language."""

    def __init__(self, entries: Sequence[_Entry], cues: Mapping[str, frozenset[str]]) -> None:
        """`cues` are words that say something of those around them, by what they say."""
        self._cues = cues
        self._whole: dict[str, list[_Entry]] = {}
        self._begun: dict[str, list[_Entry]] = {}
        for entry in entries:
            first = entry.parts[0]
            index, key = (self._begun, first[:-1]) if first.endswith("*") else (self._whole, first)
            index.setdefault(key, []).append(entry)

    def cue(self, name: str) -> frozenset[str]:
        """The words that say so."""
        return self._cues[name]

    def find(self, tokens: Sequence[str]) -> Iterator[Hit]:
        """The words that tell of something, in order. Of one kind the longest phrase at a place counts alone."""
        for place, token in enumerate(tokens):
            found = list(self._whole.get(token, ()))
            for length in range(2, min(len(token), _LONGEST) + 1):
                found += self._begun.get(token[:length], ())
            fitting = [entry for entry in found if _fits(entry.parts, tokens[place : place + len(entry.parts)])]
            for kind in dict.fromkeys(entry.kind for entry in fitting):
                of_kind = [entry for entry in fitting if entry.kind is kind]
                longest = max(len(entry.parts) for entry in of_kind)
                names = {entry.name: entry for entry in of_kind if len(entry.parts) == longest}
                for name, entry in names.items():
                    yield Hit(kind, name, place, longest, entry.weight)


def tokens_of(text: str) -> list[str]:
    """The words of a text in the form in which they are looked up."""
    folded = unicodedata.normalize("NFC", text).replace("’", "'").casefold()
    return [token.rstrip("'-").removesuffix("'s") for token in _TOKEN.findall(folded)]


def primary(language: str) -> str:
    """The language of a tag (BCP 47) without its script and region: `hi` of `hi-IN`."""
    return language.lower().replace("_", "-").split("-")[0]


@cache
def words_of(language: str) -> Words:
    """The words of a language (BCP 47), and English ones besides: names that others give are English. Those of English
    alone for a language that is not known."""
    files = [_file(name) for name in dict.fromkeys(("en", primary(language))) if name in LANGUAGES]
    cues = {cue: frozenset(word for file in files for word in file["cue"].get(cue, ())) for cue in files[0]["cue"]}
    return Words([entry for file in files for entry in _entries(file)], cues)


def name_in(language: str, kind: Kind, name: str) -> str | None:
    """What a setting, time, weather or mood is called in a language; None where that is not known."""
    known = primary(language)
    if known == "en":
        return name
    if known not in LANGUAGES:
        return None
    called: str = _file(known)[kind][name][0]
    return called.removesuffix("*").removeprefix("~")


@cache
def _file(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))


def _entries(data: dict[str, Any]) -> list[_Entry]:
    entries = []
    for kind in Kind:
        for name, phrases in data.get(kind, {}).items():
            for phrase in phrases:
                text, weight = (phrase[1:], HINT) if phrase.startswith("~") else (phrase, 1.0)
                parts = tuple(_entry(part) for part in text.split())
                entries.append(_Entry(kind, name, parts, weight))
    return entries


def _entry(part: str) -> str:
    (token,) = tokens_of(part.removesuffix("*"))
    return token + "*" * part.endswith("*")


def _fits(parts: Sequence[str], tokens: Sequence[str]) -> bool:
    return len(parts) == len(tokens) and all(
        token.startswith(part[:-1]) if part.endswith("*") else token == part
        for part, token in zip(parts, tokens, strict=True)
    )
