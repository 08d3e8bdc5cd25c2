"""A text brought to an exact number of pages, split and merged at the ends of sentences; no word is ever lost. Pure.

The pages are found by dynamic programming over the sentences: of all ways to share them out over so many pages it takes
the one with the least cost. A page outside its bounds costs most, then one that ends within a sentence, then the square
of its distance from the mean, and least a page that ends where its writer did not end one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bookwright.text.chunks import pieces
from bookwright.text.measure import count_words
from bookwright.text.sentences import Span, sentences_by_paragraph

LONGEST_UNIT = 40
"""Words of a sentence up to which it is kept in one piece."""
_PIECE = 160
"""Code points of the pieces of a longer one."""
_FINEST = 1
_OUTSIDE, _WITHIN, _INSIDE_PARAGRAPH, _ELSEWHERE = 1_000.0, 400.0, 4.0, 2.0


@dataclass(frozen=True)
class FittedPage:
    """A page, and the number (from 0) of the one of its writer that most of it comes from."""

    text: str
    origin: int


@dataclass(frozen=True)
class _Unit:
    """What stays on one page."""

    text: str
    words: int
    gap: str
    """What stands between it and the one before it on the same page."""
    origin: int
    cut: float = 0.0
    """What it costs to end a page after it."""


def fits(pages: Sequence[str], count: int, least: int, most: int) -> bool:
    """Whether these are so many pages, each with so many words."""
    return len(pages) == count and all(least <= count_words(page) <= most for page in pages)


def fitted(pages: Sequence[str], count: int, least: int, most: int, language: str) -> list[FittedPage]:
    """The same text on exactly `count` pages, each with `least` to `most` words where the text allows it. Pages that
    fit already are left as they are. Raises ValueError when the text has fewer words than pages."""
    if fits(pages, count, least, most):
        return [FittedPage(page.strip(), place) for place, page in enumerate(pages)]
    units = list(_units(pages, language))
    if len(units) < count:
        units = [word for unit in units for word in _words(unit)]
    if len(units) < count:
        raise ValueError(f"the text has fewer words than the {count} pages it is for")
    ends = _ends([unit.words for unit in units], [unit.cut for unit in units], count, least, most)
    starts = [0, *ends[:-1]]
    return [_page(units[start:end]) for start, end in zip(starts, ends, strict=True)]


def _units(pages: Sequence[str], language: str) -> Iterator[_Unit]:
    for origin, page in enumerate(pages):
        paragraphs = [spans for spans in sentences_by_paragraph(page, language) if spans]
        for place, spans in enumerate(paragraphs):
            last_paragraph = place == len(paragraphs) - 1
            previous_end: int | None = None
            for number, span in enumerate(spans):
                gap = "\n\n" if previous_end is None else page[previous_end : span.start]
                ends_paragraph = number == len(spans) - 1
                cut = 0.0 if ends_paragraph and last_paragraph else _ELSEWHERE if ends_paragraph else _INSIDE_PARAGRAPH
                yield from _bounded(page, span, gap, origin, cut)
                previous_end = span.end


def _bounded(page: str, span: Span, gap: str, origin: int, cut: float) -> Iterator[_Unit]:
    """A sentence, in pieces if it is so long that no page could be right with it."""
    text = page[span.start : span.end]
    words = count_words(text)
    if words <= LONGEST_UNIT:
        yield _Unit(text, words, gap, origin, cut)
        return
    parts = list(pieces(page, span, _PIECE))
    for number, part in enumerate(parts):
        before = gap if number == 0 else page[parts[number - 1].end : part.start]
        inner = cut if number == len(parts) - 1 else _WITHIN
        piece = page[part.start : part.end]
        yield _Unit(piece, count_words(piece), before, origin, inner)


def _words(unit: _Unit) -> Iterator[_Unit]:
    words = unit.text.split()
    for number, word in enumerate(words):
        last = number == len(words) - 1
        gap = unit.gap if number == 0 else " "
        yield _Unit(word, _FINEST, gap, unit.origin, unit.cut if last else _WITHIN)


def _ends(words: Sequence[int], cuts: Sequence[float], count: int, least: int, most: int) -> list[int]:
    """Where the pages end: one past the last unit of each."""
    total = [0, *accumulate(words)]
    mean = total[-1] / count
    units = len(words)

    def cost(start: int, end: int) -> float:
        size = total[end] - total[start]
        outside = max(least - size, size - most, 0)
        cut = 0.0 if end == units else cuts[end - 1]
        return (_OUTSIDE + outside**2 if outside else 0.0) + cut + (size - mean) ** 2 / 100

    best = [cost(0, end) for end in range(1, units + 1)]
    choices: list[list[int]] = []
    for page in range(1, count):
        new, chosen = [float("inf")] * units, [0] * units
        for end in range(page + 1, units - (count - page - 1) + 1):
            for start in range(page, end):
                if (found := best[start - 1] + cost(start, end)) < new[end - 1]:
                    new[end - 1], chosen[end - 1] = found, start
        best = new
        choices.append(chosen)
    ends = [units]
    for chosen in reversed(choices):
        ends.append(chosen[ends[-1] - 1])
    return ends[::-1]


def _page(units: Sequence[_Unit]) -> FittedPage:
    text = units[0].text + "".join(unit.gap + unit.text for unit in units[1:])
    by_origin: dict[int, int] = {}
    for unit in units:
        by_origin[unit.origin] = by_origin.get(unit.origin, 0) + unit.words
    return FittedPage(text, max(by_origin, key=lambda origin: (by_origin[origin], -origin)))
