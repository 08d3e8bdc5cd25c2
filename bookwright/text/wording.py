"""The few words that the binding itself puts into a book, in its language (`wordings.toml`), and its numerals."""

import tomllib
from functools import cache
from pathlib import Path

from bookwright.contracts.base import Payload
from bookwright.contracts.book import PageTrouble

_DIGITS = {
    "٠": "ar ckb sd",
    "۰": "fa ks ps",
    "०": "mr ne sa",
    "০": "as bn mni",
}
"""Zeros of other digits than 0 to 9, and the languages whose books have them: the defaults of the Unicode CLDR."""
_MAGHREB = frozenset("dz eh ly ma mr tn".split())
"""Arabic with the digits 0 to 9."""


class Wording(Payload):
    """What the binding says, in one language."""

    language: str
    cover: str
    title_page: str
    contents: str
    landmarks: str
    text: str
    page: str
    pages: str
    chapter: str
    untitled: str
    narration: str
    missing: str
    """What stands over the list of what could not be made."""
    absent: str
    credit: str
    """A line about how the book was made."""
    composed: str
    """The same of a text that no language model wrote."""
    no_text: str
    garbled: str
    unnarrated: str
    unmade: str
    unshown: str
    """Follows a count of characters that are shown as boxes."""

    def unread(self, trouble: PageTrouble) -> str:
        """Why a page's text is not known."""
        return self.no_text if trouble is PageTrouble.NO_TEXT else self.garbled

    def untold(self, error: str | None) -> str:
        """Why a page is not narrated."""
        return f"{self.unnarrated} ({error})" if error else self.unnarrated


def wording(language: str) -> Wording:
    """The words for a BCP 47 tag; English ones where the language has none, or not in the script it names."""
    primary, *subtags = language.lower().split("-")
    in_a_script = any(len(subtag) == 4 and subtag.isalpha() for subtag in subtags)
    known = _wordings()
    return known["en"] if in_a_script else known.get(primary, known["en"])


def worded() -> tuple[str, ...]:
    """The languages that have words of their own."""
    return tuple(_wordings())


def digits(language: str) -> str:
    """The digits from zero to nine that page numbers have in a book of this language (a BCP 47 tag)."""
    primary, *subtags = language.lower().split("-")
    zero = next((zero for zero, languages in _DIGITS.items() if primary in languages.split()), "0")
    if primary == "ar" and _MAGHREB & set(subtags):
        zero = "0"
    return "".join(chr(ord(zero) + place) for place in range(10))


def numeral(number: int, language: str) -> str:
    """A page number in the digits of the language."""
    return str(number).translate(dict(zip(map(ord, "0123456789"), digits(language), strict=True)))


@cache
def _wordings() -> dict[str, Wording]:
    data = Path(__file__).with_name("wordings.toml").read_text("utf-8")
    return {language: Wording(language=language, **words) for language, words in tomllib.loads(data).items()}
