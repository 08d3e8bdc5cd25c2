"""Where sentences begin and end, in any script."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bookwright.text.abbreviations import BEFORE_NUMBERS, MAY_END, ORDINAL_DOT, abbreviations
from bookwright.text.characters import (
    CLOSERS,
    HARD_STOPS,
    OPENERS,
    SOFT_STOPS,
    THAI_LAO,
    UNSPACED,
    cuttable,
    skip_space,
    speakable_from,
    trim_end,
)

_STOPS = HARD_STOPS + SOFT_STOPS
# French puts a space before the closing guillemet; “ and « close in German, but only where a word can't follow.
_BREAK = rf"[{_STOPS}]+(?:[{CLOSERS}]|[ \u00a0\u202f][»›]|[“«‹](?=\s|\Z))*"
_THAI_SPACE = rf"(?<=[{THAI_LAO}])[^\S\n]+(?=[{THAI_LAO}])"
_GREEK_QUESTION = rf";[{CLOSERS}]*(?=\s|\Z)"
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")
_NEXT_WORD = re.compile(rf"[\s{re.escape(OPENERS)}]*")
_TOKEN = re.compile(rf"[^\s{re.escape(OPENERS)}]*\Z")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_LETTER_BEFORE = re.compile(r"(?<!\w)[^\W\d_]\.[ \u00a0\u202f]\Z")
_LETTER_AFTER = re.compile(r"\.[ \u00a0\u202f][^\W\d_]\.")
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_TOKEN_REACH = 24
_THAI_PHRASE = 12


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: `text[start:end]`, in code points."""

    start: int
    end: int


def sentences(text: str, language: str) -> list[Span]:
    """The sentences of `text` in order: no white space at their ends, nothing but white space between them. A blank
    line always ends one. `language` is a BCP 47 tag (`und` when unknown); it decides on abbreviations."""
    return [span for paragraph in sentences_by_paragraph(text, language) for span in paragraph]


def paragraphs(text: str) -> list[Span]:
    """The stretches between blank lines, without outer white space and without empty ones."""
    spans = []
    start = skip_space(text, 0, len(text))
    for gap in _PARAGRAPH_END.finditer(text, start):
        spans.append(Span(start, trim_end(text, start, gap.start())))
        start = gap.end()
    end = trim_end(text, start, len(text))
    if end > start:
        spans.append(Span(start, end))
    return spans


def ends_paragraph(text: str, at: int) -> bool:
    """Whether a paragraph, or the text, ends where a stretch up to `at` does."""
    rest = skip_space(text, at, len(text))
    return rest == len(text) or _PARAGRAPH_END.match(text, at) is not None


def sentences_by_paragraph(text: str, language: str) -> list[list[Span]]:
    """`sentences`, one non-empty list for each paragraph."""
    primary = language.partition("-")[0].lower()
    return [_paragraph_sentences(text, paragraph, primary) for paragraph in paragraphs(text)]


def _paragraph_sentences(text: str, paragraph: Span, language: str) -> list[Span]:
    spans: list[Span] = []
    start = looked_at = paragraph.start
    found_word = False
    for match in _break_pattern(language).finditer(text, paragraph.start, paragraph.end):
        # Looking only at what is new keeps a text made of stops alone linear.
        found_word = found_word or speakable_from(text, looked_at, match.start())
        looked_at = match.end()
        at = match.end()
        if not found_word or at >= paragraph.end or not _ends_sentence(text, start, match, paragraph.end, language):
            continue
        spans.append(Span(start, trim_end(text, start, at)))
        start = skip_space(text, at, paragraph.end)
        found_word = False
    if start < paragraph.end:
        if spans and not speakable_from(text, start, paragraph.end):
            spans[-1] = Span(spans[-1].start, paragraph.end)
        else:
            spans.append(Span(start, paragraph.end))
    return spans


@lru_cache(maxsize=8)
def _compiled(greek: bool) -> re.Pattern[str]:
    return re.compile("|".join([_BREAK, _THAI_SPACE, *([_GREEK_QUESTION] if greek else [])]))


def _break_pattern(language: str) -> re.Pattern[str]:
    return _compiled(language == "el")


def _ends_sentence(text: str, start: int, match: re.Match[str], end: int, language: str) -> bool:
    """Whether a sentence that began at `start` ends at the stop that `match` found, with more of the paragraph
    after it."""
    mark = match.group()
    if mark.isspace():
        return match.start() - start >= _THAI_PHRASE
    at = match.end()
    if mark[0] == ";":
        return True
    if any(character in HARD_STOPS for character in mark):
        return cuttable(text, at, start)
    if not text[at].isspace():
        return _UNSPACED_CHARACTER.match(text, at) is not None and cuttable(text, at, start)
    following = _NEXT_WORD.match(text, at, end)
    after = following.end() if following else at
    next_character = text[after] if after < end else ""
    if next_character.islower():
        return False
    return (
        mark[0] != "." or mark[1:2] == "." or not _is_abbreviated(text, start, match.start(), next_character, language)
    )


def _is_abbreviated(text: str, start: int, stop: int, next_character: str, language: str) -> bool:
    """Whether the full stop at `stop` belongs to the word before it."""
    found = _TOKEN.search(text[max(start, stop - _TOKEN_REACH) : stop])
    token = found.group() if found else ""
    word = token.lower()
    if word in MAY_END:
        return False
    if word in abbreviations(language) or _DOTTED.fullmatch(token):
        return True
    if len(token) == 1 and token.islower() and _is_of_several(text, stop):
        return True
    if next_character.isdigit() and word in BEFORE_NUMBERS:
        return True
    if token.isdigit():
        begins = stop - len(token) == start
        return begins or (language in ORDINAL_DOT and len(token) <= 2)
    return _is_initial(text, start, stop - len(token), token, next_character, stop)


def _is_of_several(text: str, stop: int) -> bool:
    """Whether the letter before the full stop at `stop` is one of those that German sets apart: `z. B.`, `u. a.`."""
    before = text[max(0, stop - 4) : stop - 1]
    return _LETTER_BEFORE.search(before) is not None or _LETTER_AFTER.match(text, stop) is not None


def _is_initial(text: str, start: int, at: int, token: str, next_character: str, stop: int) -> bool:
    """`J. K.`: one upper-case letter, or one syllable of a script without case (no stop of such a script is `.` after
    a single letter)."""
    if not token or not token[0].isalpha() or any(cuttable(token, place) for place in range(1, len(token))):
        return False
    if token == "I":  # noqa: S105 - a word
        # `So do I. Then` ends; `I. M. Pei` and `Nicholas I. Romanov` don't occur often enough to matter otherwise.
        after = skip_space(text, stop + 1, len(text))
        return at == start or (next_character.isupper() and text[after + 1 : after + 2] == ".")
    return token[0].isupper() or not (token[0].islower() or _UNSPACED_CHARACTER.match(token))
