"""What PDF text in scripts other than the Latin, Greek and Cyrillic ones needs."""

import re
import unicodedata

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_INDIC = re.compile("[\u0900-\u0dff\u1000-\u109f\u1780-\u17ff]")
_SHARE = 0.25
_LEFT_TO_RIGHT = re.compile(r"[^\W_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\u0660-\u0669\u06f0-\u06f9]")
_INSIDE = set(".,:/-+%'’&@ \u066a\u066b\u066c")
_MIRRORED = str.maketrans("()[]{}«»‹›<>", ")(][}{»«›‹><")
_OPENING = "([{"
_CLOSING = ")]}"
_SAME_PLACE = 0.6


def is_rtl(text: str) -> bool:
    """Whether a good part of the text is in a right-to-left script."""
    return not text.isascii() and len(_RTL.findall(text)) > _SHARE * len(text.split()) + 1


def needs_glyphs(text: str) -> bool:
    """Whether lines are better made from the glyphs' own places."""
    if text.isascii():
        return False
    return len(_INDIC.findall(text)) > _SHARE * len(text.split()) or is_rtl(text)


def rtl_line(glyphs: list[tuple[str, float, float]], word_gap: float) -> str:
    """The logical text of a right-to-left line from its glyphs (character, left, right), the rightmost first.

    A letter's dots may be a glyph of their own that says the same letter; marks may stand anywhere over their letter;
    numbers and foreign words run the other way; brackets are named by their shape."""
    letters: list[tuple[str, float, float]] = []
    marks = []
    for glyph in glyphs:
        char, left, right = glyph
        if unicodedata.combining(char):
            marks.append(glyph)
        elif not any(_same_place(glyph, other) for other in letters[-3:]):
            letters.append(glyph)
        elif letters[-1][0] == char and right - left > letters[-1][2] - letters[-1][1]:
            letters[-1] = glyph
    words: list[str] = []
    edge = letters[0][2] if letters else 0.0
    for char, left, right in letters:
        if edge - right > word_gap:
            words.append(" ")
        words.append(char + "".join(mark for mark, a, b in marks if left <= (a + b) / 2 < right))
        edge = min(edge, left)
    return _brackets("".join(_turned_back(words)))


def _same_place(glyph: tuple[str, float, float], other: tuple[str, float, float]) -> bool:
    char, left, right = glyph
    shared = min(right, other[2]) - max(left, other[1])
    return char == other[0] and shared > _SAME_PLACE * min(right - left, other[2] - other[1])


def _turned_back(words: list[str]) -> list[str]:
    """Runs that are read from left to right, which stand backwards in a row taken from the right."""
    result: list[str] = []
    at = 0
    while at < len(words):
        if not _LEFT_TO_RIGHT.match(words[at]):
            result.append(words[at])
            at += 1
            continue
        end = last = at + 1
        while end < len(words) and (_LEFT_TO_RIGHT.match(words[end]) or words[end] in _INSIDE):
            end += 1
            if _LEFT_TO_RIGHT.match(words[end - 1]):
                last = end
        result.extend(reversed(words[at:last]))
        at = last
    return result


def _brackets(text: str) -> str:
    """Brackets as they are written, where the text has them as they look."""
    depth = 0
    for char in text:
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth < 0:
            return text.translate(_MIRRORED)
    return text
