"""Text as the templates get it: paragraphs of lines, without what typst or a reader would stumble over."""

import re
import unicodedata

from bookwright.press.epub.markup import clean
from bookwright.text.characters import UNSPACED
from bookwright.text.sentences import paragraphs

_LINE_END = re.compile("[\n\u2028\u2029]")
_ENDED = re.compile("[.!?…:;‽।॥۔؟。！？։።\"'”’»›)\\]*]\\s*$")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_LONG_WORD = re.compile(f"[^\\s{UNSPACED}\\u200b\u2010-\u2015-]{{25,}}")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PIECE = 12
_ZERO_WIDTH_SPACE = "\u200b"
_VIRAMA = 9


def lines_of(text: str) -> list[list[str]]:
    """The paragraphs of a page, each as its lines; one line when the author broke none. Bidi embeddings and overrides
    go: typst drops the text inside them."""
    found = []
    text = _BIDI_CONTROLS.sub("", clean(text))
    for span in paragraphs(text):
        lines = [breakable(" ".join(line.split())) for line in _LINE_END.split(text[span.start : span.end])]
        found.append([line for line in lines if line])
    return [lines for lines in found if lines]


def runs_on(before: str, after: str) -> bool:
    """Whether a page's first paragraph `after` is the rest of `before`, the last of the page before it."""
    if not before or not after or _ENDED.search(before):
        return False
    first = after.lstrip("“‘\"'«(")[:1]
    return first.isalpha() and not first.isupper()


def joint(before: str) -> str:
    """What stands between two parts of a paragraph that a page break cut."""
    return "" if _UNSPACED.match(before[-1]) else " "


def breakable(line: str) -> str:
    """`line` with invisible places to break inside words that may be wider than it."""
    return _LONG_WORD.sub(lambda match: _pieces(match[0]), line)


def _pieces(word: str) -> str:
    parts, size = [], 0
    for place, char in enumerate(word):
        joined = unicodedata.category(char)[0] == "M" or char in "\u200c\u200d" or not place
        if size >= _PIECE and not joined and unicodedata.combining(word[place - 1]) != _VIRAMA:
            if word[place - 1] != "\u200d":
                parts.append(_ZERO_WIDTH_SPACE)
                size = 0
        parts.append(char)
        size += not joined
    return "".join(parts)
