"""Words that a line or a page breaks."""

import re
from collections.abc import Sequence

from bookwright.press.reading.characters import breaks_word
from bookwright.press.reading.line import HYPHEN_MARK, Line

_WORD = "[^\\s\\-.,;:!?…।॥۔،؛\"“”‘’'()\\[\\]]+"
"""In every script: the vowel signs of Indian ones are no `\\w`."""
_COMPOUND = re.compile(f"{_WORD}-{_WORD}")
_WORD_BEFORE = re.compile(f"({_WORD}).\\Z", re.DOTALL)
_WORD_AFTER = re.compile(f"[“‘\"'(\\[]*({_WORD})")
_HYPHENATED = 0.008
"""Of the lines. Where fewer end with a hyphen, nobody breaks words, and these are compounds' own."""


class Hyphens:
    """What the hyphens at the ends of a document's lines are, as far as it has been seen."""

    def __init__(self) -> None:
        self._compounds: set[str] = set()
        self._lines = 0
        self._broken = 0

    def see(self, lines: Sequence[Line]) -> None:
        """Learn from the lines of a page."""
        for line in lines:
            self._lines += 1
            self._broken += breaks_word(line.text)
            if "-" in line.text:
                self._compounds.update(match.lower() for match in _COMPOUND.findall(line.text))

    def rejoined(self, text: str, line: str) -> str:
        """A line added to a paragraph's text. A hyphen at the text's end goes where the document breaks words, unless
        it has the compound with it elsewhere, or what follows begins with a capital or is itself a compound (`two-`
        `hundred-year-old`), or the same word follows again."""
        text, line = text.rstrip(" "), line.lstrip(" ")
        if not breaks_word(text):
            return f"{text} {line}"
        mark = "-" if text[-1] == HYPHEN_MARK else text[-1]
        before, after = _WORD_BEFORE.search(text), _WORD_AFTER.match(line)
        words = (before.group(1).lower(), after.group(1).lower()) if before and after else ("", " ")
        kept = self._broken <= _HYPHENATED * self._lines or "-".join(words) in self._compounds
        kept = kept or line[:1].isupper() or not line[:1].isalpha() or words[0] == words[1]
        if mark != "\u00ad" and (kept or _COMPOUND.match(line)):
            return text[:-1] + mark + line
        return text[:-1] + line
