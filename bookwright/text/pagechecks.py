"""What speaks against a page that a model has read off its picture: an answer may be empty, in another language, or
made up. Pure.

Nothing here proves an answer wrong. It is held against what is known without reading: how many rows of ink the page
has, and its own text, which may be garbled, but is about as long as what it shows, and has its numbers in it.
"""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

from bookwright.contracts.errors import UnknownLanguage
from bookwright.contracts.pagereading import PagePicture, PageReading
from bookwright.text.language import detect_language, same_script
from bookwright.text.pagereading import text_of

_LINES = 4
"""Rows of ink that make a page of text; fewer may be a drawing."""
_MOST_PER_ROW, _LEAST_PER_ROW = 170, 2
"""Letters: of the smallest print in several columns, of the fewest words."""
_ALLOWANCE = 60
_LAYER = 40
"""Letters that the page's own text must have to say anything."""
_LEAST_RATIO, _MOST_RATIO = 0.3, 3.0
_NUMBERS, _SHARED_NUMBERS = 3, 0.34
_WORDS, _SHARED_WORDS = 8, 0.2
_SURE_LETTERS = 200
"""From so many on it is told which of the languages of a script a page is in."""
_NUMBER = re.compile(r"\d{2,}")
_WORD = re.compile(r"[^\W\d_]{4,}")
_BROKEN = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd\ufffd]")
ALIKE = 0.8
"""From this likeness on two answers say the same."""


class Against(StrEnum):
    """What speaks against an answer."""

    EMPTY = "empty"
    """Nothing was read, and there is ink on the page."""
    DIFFERENT = "different"
    """It can't be what the page shows."""
    LANGUAGE = "language"
    """It is in another language than the book."""


class Doubt(NamedTuple):
    """A reason to ask once more."""

    against: Against
    reason: str
    """For people; repeats nothing of the page."""
    lasting: bool
    """Whether the answer is not used as long as this stands."""


def doubt_of(reading: PageReading, picture: PagePicture, language: str | None) -> Doubt | None:
    """What speaks against an answer. `language` is the book's, when it is known."""
    text = text_of(reading)
    letters = _visible(text)
    if not letters:
        return Doubt(Against.EMPTY, "nothing was read on a page that is not blank", picture.rows >= _LINES)
    if why := _differs(text, letters, picture):
        return Doubt(Against.DIFFERENT, why, True)
    if language and (found := _other_language(text, letters, language)):
        return Doubt(Against.LANGUAGE, f"the page was read in another language ({found}) than the book's", False)
    return None


def alike(one: PageReading, other: PageReading) -> bool:
    """Whether two answers say the same: what was made up comes out differently each time. Compared are their words,
    not the order of them."""
    words, others = (set(text_of(reading).casefold().split()) for reading in (one, other))
    return bool(words) and len(words & others) >= ALIKE * len(words | others)


def _differs(text: str, letters: int, picture: PagePicture) -> str | None:
    if picture.rows and letters > _ALLOWANCE + _MOST_PER_ROW * picture.rows:
        return "more was read than the page has room for"
    if picture.rows >= 2 * _LINES and letters < _LEAST_PER_ROW * picture.rows:
        return "much less was read than the page shows"
    layer = _visible(picture.layer)
    if layer < _LAYER:
        return None
    if not _LEAST_RATIO <= letters / layer <= _MOST_RATIO:
        return "what was read is not as long as the page's own text"
    numbers = set(_NUMBER.findall(_digits(picture.layer)))
    if len(numbers) >= _NUMBERS and len(numbers & set(_NUMBER.findall(_digits(text)))) < _SHARED_NUMBERS * len(numbers):
        return "the numbers of the page's own text are not in what was read"
    if _BROKEN.search(picture.layer):  # what is not broken is then what it seems to be
        words = {word.casefold() for word in _WORD.findall(picture.layer)}
        if len(words) >= _WORDS and len(words & {w.casefold() for w in _WORD.findall(text)}) < _SHARED_WORDS * len(
            words
        ):
            return "the words of the page's own text are not in what was read"
    return None


def _other_language(text: str, letters: int, language: str) -> str | None:
    """The language that a text is in, when that is surely another one."""
    wanted = language.partition("-")[0]
    try:
        found = detect_language(text)
    except UnknownLanguage:
        return None
    if found == wanted:
        return None
    if not same_script(found, wanted):
        return found
    # Those of Devanagari or Arabic letters are taken for one another too easily.
    return found if letters >= _SURE_LETTERS and same_script(found, "en") else None


def _visible(text: str) -> int:
    return sum(1 for char in text if not char.isspace())


def _digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) if char.isdigit() and char.isdecimal() else char for char in text)
