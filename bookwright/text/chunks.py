"""A text cut into pieces that one speech call takes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bookwright.text.characters import CLAUSE_MARKS, CLOSERS, HARD_STOPS, cuttable, skip_space, speakable, trim_end
from bookwright.text.sentences import Span, sentences_by_paragraph

# A stop inside an over-long sentence (`etc.`, or text without capitals) is as good a place as a comma. Marks of
# scripts without spaces need none after them; Latin ones do, or `3,141` and `10:30` would be torn apart.
_CLAUSE_END = re.compile(
    rf"(?:[{CLAUSE_MARKS}.!?…][{CLOSERS}]*(?=\s)|—[{CLOSERS}]*|[、，；：،؛၊፣፤፥{HARD_STOPS}][{CLOSERS}]*)"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One call's text: `text` is the source's `[start:end]`, in code points, without outer white space."""

    start: int
    end: int
    text: str
    ends_paragraph: bool
    """True when a paragraph ends with it: a longer pause belongs after it."""


@dataclass(frozen=True, slots=True)
class _Unit:
    start: int
    end: int
    ends_paragraph: bool


def chunks(text: str, language: str, limit: int) -> list[Chunk]:
    """`text` as chunks of at most `limit` code points, in order and without overlap.

    A chunk takes as many whole sentences as fit, over paragraph ends too, because each is a paid call; but once it is
    half full it ends with the paragraph rather than begin one that doesn't fit in. Only sentences over the limit are
    cut: after clause marks, else at spaces, else between graphemes (a single grapheme over the limit is the one thing
    cut anywhere). Everything but white space is in some chunk, except stretches with nothing to speak that fit into no
    neighbour. Raises ValueError for a limit under 1."""
    if limit < 1:
        raise ValueError("limit must be at least 1")
    packed: list[_Unit] = []
    for paragraph in sentences_by_paragraph(text, language):
        units = list(_paragraph_units(text, paragraph, limit))
        _pack(packed, units, limit)
    return [
        Chunk(unit.start, unit.end, text[unit.start : unit.end], unit.ends_paragraph)
        for unit in _without_silent(text, packed, limit)
    ]


def pieces(text: str, span: Span, limit: int) -> Iterator[Span]:
    """`span` cut into stretches of at most `limit` code points, each without outer white space."""
    start = span.start
    while span.end - start > limit:
        at = _cut(text, start, limit)
        yield Span(start, trim_end(text, start, at))
        start = skip_space(text, at, span.end)
    yield Span(start, span.end)


def _paragraph_units(text: str, paragraph: list[Span], limit: int) -> Iterator[_Unit]:
    last = paragraph[-1].end
    for sentence in paragraph:
        for piece in pieces(text, sentence, limit):
            yield _Unit(piece.start, piece.end, piece.end == last)


def _pack(packed: list[_Unit], units: list[_Unit], limit: int) -> None:
    """Add one paragraph's units to the chunks so far."""
    if packed:
        last = packed[-1]
        fits_whole = units[-1].end - last.start <= limit
        if not fits_whole and (last.end - last.start) * 2 >= limit:
            packed.append(units[0])
            units = units[1:]
    for unit in units:
        if packed and unit.end - packed[-1].start <= limit:
            packed[-1] = _Unit(packed[-1].start, unit.end, unit.ends_paragraph)
        else:
            packed.append(unit)


def _without_silent(text: str, packed: list[_Unit], limit: int) -> list[_Unit]:
    """Stretches with nothing to speak go to a neighbour that has room, and are left out otherwise."""
    kept: list[_Unit] = []
    waiting: _Unit | None = None
    for unit in packed:
        if not speakable(text[unit.start : unit.end]):
            if kept and unit.end - kept[-1].start <= limit:
                kept[-1] = _Unit(kept[-1].start, unit.end, unit.ends_paragraph)
            elif waiting is None or unit.end - waiting.start > limit:
                waiting = unit
            else:
                waiting = _Unit(waiting.start, unit.end, unit.ends_paragraph)
            continue
        if waiting is not None and unit.end - waiting.start <= limit:
            unit = _Unit(waiting.start, unit.end, unit.ends_paragraph)
        waiting = None
        kept.append(unit)
    return kept


def _cut(text: str, start: int, limit: int) -> int:
    """Where to cut a stretch that begins at `start` and goes on past the limit: `start` < answer ≤ `start + limit`."""
    end = start + limit
    best = 0
    for match in _CLAUSE_END.finditer(text, start + limit // 2, end + 1):
        if start < match.end() <= end and cuttable(text, match.end(), start):
            best = match.end()
    if best:
        return best
    for at in range(end, start, -1):
        if text[at].isspace():
            return at
    for at in range(end, start, -1):
        if cuttable(text, at, start):
            return at
    return end
