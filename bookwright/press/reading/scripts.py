"""What PDF text in scripts other than the Latin, Greek and Cyrillic ones needs."""

import re
import unicodedata

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_INDIC = re.compile("[\u0900-\u0dff\u1000-\u109f\u1780-\u17ff]")
_OTHER = re.compile("[\u0590-\u1fff\ufb1d-\ufeff]")
_SHARE = 0.25
_ARABIC_DIGITS = "\u0660-\u0669\u06f0-\u06f9"
_RTL_LETTER = re.compile(f"(?![{_ARABIC_DIGITS}\u066a-\u066c]){_RTL.pattern}")
_LEFT_TO_RIGHT = re.compile(rf"[^\W_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[{_ARABIC_DIGITS}]")
_NUMERIC = re.compile(r"[\d.,:/+%\u066a-\u066c-]")
CLOSING = frozenset(".,;:!?…،؛؟۔।॥")
"""What no space stands before; a font may leave a gap there."""
_MIRRORED = str.maketrans("()[]{}«»‹›<>", ")(][}{»«›‹><")
_VIRAMA_CLASS = 9
"""Unicode's combining class of all viramas."""
_AS_THEY_LOOK = re.compile(r"(?<=\S)[(\[{«](?!\w)|(?<!\S)[)\]}»](?=\w)")
_AS_WRITTEN = re.compile(r"(?<!\S)[(\[{«](?=\w)|(?<=\S)[)\]}»](?!\w)")


def is_rtl(text: str) -> bool:
    """Whether a good part of the text is in a right-to-left script."""
    return _OTHER.search(text) is not None and len(_RTL.findall(text)) > _SHARE * len(text.split()) + 1


def has_rtl(text: str) -> bool:
    """Whether there is a letter of a right-to-left script in the text."""
    return _RTL_LETTER.search(text) is not None


def needs_glyphs(text: str) -> bool:
    """Whether lines are better made from the glyphs' own places."""
    if not _OTHER.search(text):
        return False
    return len(_INDIC.findall(text)) > _SHARE * len(text.split()) or is_rtl(text)


def rtl_line(glyphs: list[tuple[str, float, float]], word_gap: float) -> str:
    """The logical text of a right-to-left line from its glyphs (text, left, right), the rightmost first, with blanks or
    without. Marks may stand anywhere over their letter; numbers and foreign words run the other way; brackets are named
    by their shape."""
    letters = [glyph for glyph in glyphs if not is_mark(glyph[0])]
    marks = [glyph for glyph in glyphs if is_mark(glyph[0])]
    words: list[str] = []
    edge = letters[0][2] if letters else 0.0
    for text, left, right in letters:
        if text.isspace() or (edge - right > word_gap and text not in CLOSING):
            if words and words[-1] != " ":
                words.append(" ")
        if text.isspace():
            continue
        over = dict.fromkeys(mark for mark, a, b in marks if left <= (a + b) / 2 < right and mark not in text)
        words.append(text + "".join(over))
        edge = min(edge, left)
    return _brackets("".join(_turned_back(words)))


def is_mark(text: str) -> bool:
    """Whether the text is nothing but signs that stand over or under a letter."""
    return all(map(unicodedata.combining, text))


def is_virama(char: str) -> bool:
    """Whether the sign joins the letters around it into a conjunct."""
    return unicodedata.combining(char) == _VIRAMA_CLASS


def _turned_back(words: list[str]) -> list[str]:
    """Runs that are read from left to right, which stand backwards in a row taken from the right: foreign words with
    all that is between them, and numbers each on its own."""
    result: list[str] = []
    at = 0
    while at < len(words):
        if not _LEFT_TO_RIGHT.match(words[at]):
            result.append(words[at])
            at += 1
            continue
        end = at
        while end < len(words) and not _RTL_LETTER.match(words[end]):
            end += 1
        run = words[at:end]
        if not any(word[0].isalpha() for word in run):
            run = run[: next((n for n, word in enumerate(run) if not _NUMERIC.match(word)), len(run))]
        while not _LEFT_TO_RIGHT.match(run[-1]):
            run.pop()
        result.extend(reversed(run))
        at += len(run)
    return result


def _brackets(text: str) -> str:
    """Brackets as they are written, where the text has them as they look: most of them then open at a word's end."""
    looking, written = len(_AS_THEY_LOOK.findall(text)), len(_AS_WRITTEN.findall(text))
    return text.translate(_MIRRORED) if looking > written else text
