"""What is searched of a text: its terms, the place of those that match, and two rankings as one. Pure."""

import unicodedata
from collections.abc import Collection, Hashable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)

MOST_TERMS = 32
"""Of a query; what comes after them is left out."""
LONGEST_TERM = 64
RRF_K = 60
"""The constant of reciprocal rank fusion, as its authors have it."""
SNIPPET_CHARS = 320
LEAD_CHARS = 60
"""Of a snippet before its first match."""
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)  # fmt: skip
"""Thai, Lao, Burmese, Khmer, kana and Han: scripts without blanks between words."""
_JOINERS = "\u200c\u200d"


class Term(NamedTuple):
    """A term and its place in the text (code points, end exclusive)."""

    start: int
    end: int
    key: str


class Span(NamedTuple):
    """A part of a text (code points, end exclusive)."""

    start: int
    end: int


class Snippet(NamedTuple):
    """A part of a passage, and where in it the matches are."""

    text: str
    marks: tuple[Span, ...]


def terms(text: str) -> list[Term]:
    """The words of a text in whatever language, without case, and without the accents of Latin, Greek and Cyrillic.
    Vowel signs of Indic scripts belong to their words. Where words are not parted by blanks, each character and each
    pair of neighbours is a term."""
    found: list[Term] = []
    for start, end, unspaced in _runs(text):
        if not unspaced:
            found.append(Term(start, end, _folded(text[start:end])))
            continue
        for place in range(start, end):
            found.append(Term(place, place + 1, _folded(text[place])))
            if place + 1 < end:
                found.append(Term(place, place + 2, _folded(text[place : place + 2])))
    return [term for term in found if term.key]


def indexed(text: str) -> str:
    """The terms of a passage with blanks between them."""
    return " ".join(term.key for term in terms(text))


def asked(query: str) -> tuple[str, ...]:
    """The terms that a query asks for, each once; of characters without blanks between them the pairs, not the single
    ones."""
    found = terms(query)
    unspaced = [term for term in found if _alone(query[term.start])]
    paired = {place for term in unspaced if term.end - term.start == 2 for place in (term.start, term.end - 1)}
    single = {term for term in unspaced if term.end - term.start == 1 and term.start in paired}
    return tuple(dict.fromkeys(term.key for term in found if term not in single))[:MOST_TERMS]


def snippet(text: str, wanted: Collection[str]) -> Snippet:
    """Some SNIPPET_CHARS of a passage from shortly before its first match on, whole words, with all matches in it."""
    marks = _merged([Span(term.start, term.end) for term in terms(text) if term.key in wanted])
    if len(text) <= SNIPPET_CHARS:
        return Snippet(text, tuple(marks))
    start = max(marks[0].start - LEAD_CHARS, 0) if marks else 0
    start = max(min(start, len(text) - SNIPPET_CHARS), 0)
    if start:
        blank = text.find(" ", start, marks[0].start if marks else start)
        start = blank + 1 if blank >= 0 else start
    end = start + SNIPPET_CHARS
    if end < len(text):
        blank = text.rfind(" ", start, end)
        end = blank if blank > start else end
    shown = tuple(
        Span(mark.start - start, mark.end - start) for mark in marks if start <= mark.start and mark.end <= end
    )
    return Snippet(text[start:end], shown)


def fused(*rankings: Sequence[K]) -> list[tuple[K, float]]:
    """Several rankings as one, best first, by reciprocal rank fusion: each ranking adds 1 / (60 + rank) to what it has.
    It needs no scores that can be compared. Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms
    Condorcet and individual Rank Learning Methods", SIGIR 2009."""
    scores: dict[K, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(dict.fromkeys(ranking), 1):
            scores[key] = scores.get(key, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores.items(), key=lambda item: -item[1])


def _runs(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where words, or runs of a script without blanks, begin and end."""
    start, unspaced = -1, False
    for place, sign in enumerate(text):
        inside = _in_word(sign) or (start >= 0 and sign in _JOINERS)
        alone = inside and _alone(sign)
        if start >= 0 and (not inside or alone != unspaced):
            yield start, place, unspaced
            start = -1
        if start < 0 and inside:
            start, unspaced = place, alone
    if start >= 0:
        yield start, len(text), unspaced


@lru_cache(maxsize=4096)
def _in_word(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] in "LN" or category in ("Mn", "Mc")


def _alone(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in _UNSPACED)


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).casefold()
    kept = "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f" and _in_word(sign))
    return unicodedata.normalize("NFC", kept)[:LONGEST_TERM]


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The spans in their order, those that overlap as one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found
