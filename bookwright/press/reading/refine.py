"""Lines put right by a look at their single characters: the raised numbers of notes, and letters that stand apart."""

import ctypes
import re
import statistics
from itertools import pairwise

import pypdfium2.raw as pdfium

from bookwright.press.reading.line import Line

_NOTE_NUMBER = re.compile(
    r"(?:(?<=[^\W\d_]{3})|(?<=[.,;:!?”’\"')\]»…]))\d{1,3}(?![\w.,]*\d|\w)|\A\s*\d{1,3} ?(?=[^\W\d_]|[“‘\"'«(])"
)
_SUPERSCRIPTS = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=[.,;:!?”’\"')\]»…])|\A)[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+")
_DIGIT = re.compile("[0-9\u00b9\u00b2\u00b3\u2070\u2074-\u2079]")
_BEFORE_TEXT = re.compile(r"\d{1,3} ?(?:[^\W\d]|[“‘\"'«(])")
_RAISED = 0.2
"""Ems from the baseline to the number's foot."""
_LETTERS_APART = re.compile(r"[^\W\d_](?: [^\W\d_]){5,}\s*\Z")
_WORD_APART = 1.7
"""Of the usual gap between letters that stand apart."""


class Refiner:
    """Looks at the characters of text pages."""

    def __init__(self) -> None:
        self._left, self._right, self._bottom, self._top = (ctypes.c_double() for _ in range(4))
        self._box = pdfium.FS_RECTF()

    @staticmethod
    def may_have_notes(text: str) -> bool:
        """Whether it is worth while to look for numbers of notes on a page."""
        for match in _DIGIT.finditer(text):
            place = match.start()
            before = text[place - 1] if place else "\n"
            if before == "\n":
                if _BEFORE_TEXT.match(text, place):
                    return True
            elif not (before.isspace() or before.isdigit()):
                return True
        return False

    def without_note_numbers(self, page: ctypes.c_void_p, line: Line, start: int) -> str:
        """The text of a line without the numbers of its notes; `start` is its place in the page's text."""
        text = line.text
        if not text.isascii():
            text = _SUPERSCRIPTS.sub(lambda match: "\0" * len(match.group()), text)
        for match in _NOTE_NUMBER.finditer(text):
            digit = match.start() + len(match.group()) - len(match.group().lstrip())
            char = pdfium.FPDFText_GetCharIndexFromTextIndex(page, start + digit)
            found = pdfium.FPDFText_GetCharBox(page, char, self._left, self._right, self._bottom, self._top)
            if found and self._bottom.value - line.base > _RAISED * line.size:
                text = text[: match.start()] + "\0" * len(match.group()) + text[match.end() :]
        return text.replace("\0", "")

    def closed_up(self, page: ctypes.c_void_p, text: str, start: int) -> str:
        """A line's text, with the words of letters that stand apart (`C H A P T E R  O N E`) put together: between
        words the gaps are wider. `start` is its place in the page's text."""
        if text[1:2] != " " or not _LETTERS_APART.match(text):
            return text
        letters = [place for place, char in enumerate(text) if not char.isspace()]
        edges = []
        for place in letters:
            char = pdfium.FPDFText_GetCharIndexFromTextIndex(page, start + place)
            pdfium.FPDFText_GetLooseCharBox(page, char, self._box)
            edges.append((self._box.left, self._box.right))
        gaps = [after[0] - before[1] for before, after in pairwise(edges)]
        wide = _WORD_APART * statistics.median(gaps)
        return text[letters[0]] + "".join(
            f" {text[place]}" if gap > wide else text[place] for gap, place in zip(gaps, letters[1:], strict=True)
        )
