"""How words of a book are to be said: its pronunciation lexicon."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bookwright.contracts.base import Payload

MAX_ENTRIES = 500
MAX_WORD, MAX_SAID = 60, 120
_IPA_LETTERS = frozenset("æçðøħŋœβθχⱱǀǁǂǃᵻᵿʔʕˈˌːˑ‿.|‖ ͜͡")
"""Besides the Latin letters, the blocks of IPA extensions and modifier letters, and combining marks."""


def _word(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(char.isalnum() for char in text) or not text.isprintable():
        raise ValueError("give a word of letters or digits, as it is printed")
    return text


def _said(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(char.isalnum() for char in text) or not text.isprintable():
        raise ValueError("give letters of the book's language that sound as the word does")
    return text


def _ipa(text: str) -> str:
    text = unicodedata.normalize("NFD", text.strip().strip("/[]").strip())
    text = text.replace("'", "ˈ").replace(":", "ː").replace("g", "ɡ")
    strange = sorted({char for char in text if not _is_ipa(char)})
    if not any(char.isalpha() for char in text) or strange:
        named = f"; {', '.join(f'U+{ord(char):04X}' for char in strange[:5])} are none" if strange else ""
        raise ValueError(f"give letters and signs of the International Phonetic Alphabet{named}")
    return text


def _is_ipa(char: str) -> bool:
    block = "\u0250" <= char <= "\u02ff" or "\u0300" <= char <= "\u036f"
    return block or char in _IPA_LETTERS or (char.isascii() and char.isalpha() and char.islower())


Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORD), AfterValidator(_word)]
Respelling = Annotated[str, StringConstraints(min_length=1, max_length=MAX_SAID), AfterValidator(_said)]
Ipa = Annotated[str, StringConstraints(min_length=1, max_length=MAX_SAID), AfterValidator(_ipa)]


class LexiconEntry(Payload):
    """How one word, or a name of several, is said wherever it stands by itself in the book."""

    word: Word
    """As it is printed."""
    respelling: Respelling | None = None
    """The same in letters that the voice reads right: `Nguyen` → `Win`."""
    ipa: Ipa | None = None
    """In the International Phonetic Alphabet; an engine that takes it prefers it to the respelling."""
    match_case: bool = False
    """Whether `Rose` is not `rose`."""

    @model_validator(mode="after")
    def _is_said_somehow(self) -> "LexiconEntry":
        if self.respelling is None and self.ipa is None:
            raise ValueError("say how the word is said: give a respelling, or IPA, or both")
        return self


Entries = Annotated[tuple[LexiconEntry, ...], Field(max_length=MAX_ENTRIES)]


class Lexicon(Payload):
    """All entries of a book."""

    entries: Entries = ()
    version: int = 0
    """Counts its changes; 0 before the first."""
    changed_at: datetime | None = None

    @model_validator(mode="after")
    def _has_each_word_once(self) -> "Lexicon":
        check_words(self.entries)
        return self


class SaidAs(NamedTuple):
    """A word that an engine gets in IPA: `text[start:start + length]` of the text that it is to say, in code points."""

    start: int
    length: int
    ipa: str


def check_words(entries: Iterable[LexiconEntry]) -> None:
    """Raise ValueError when two entries are for the same word."""
    exact: set[str] = set()
    folded: set[str] = set()
    for entry in entries:
        known, word = (exact, entry.word) if entry.match_case else (folded, entry.word.casefold())
        if word in known:
            raise ValueError(f"the word {entry.word!r} is in it twice")
        known.add(word)


def mark_of(entries: Iterable[LexiconEntry]) -> str | None:
    """What tells the entries that went into a page's sound from others; None for no entries."""
    said = sorted([entry.word, entry.respelling, entry.ipa, entry.match_case] for entry in entries)
    if not said:
        return None
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:16]
