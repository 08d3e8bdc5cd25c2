"""Lines made from the glyphs' own places, for scripts and turned text where PDFium's lines can't be trusted: it loses
spaces next to clusters, and mixes up right-to-left lines whose letters and dots are drawn apart."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bookwright.press.reading.line import WIDE_GAP, Line
from bookwright.press.reading.scripts import rtl_line

_WORD_GAP, _RTL_WORD_GAP = 0.2, 0.15
"""Ems."""
_SAME_LINE, _OTHER_LINE = 0.4, 0.7


@dataclass(slots=True)
class Glyph:
    """A character, its place across the page, and what it shares with its text object."""

    char: str
    left: float
    right: float
    style: Line
    made: bool = False


def from_rtl_glyphs(glyphs: list[Glyph]) -> list[Line]:
    """Right-to-left lines, the letters of each sorted anew."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.style.base):
        if rows and abs(rows[-1][0].style.base - glyph.style.base) < _SAME_LINE * glyph.style.size:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [line for row in rows for line in _rtl_parts(row)]


def _rtl_parts(row: list[Glyph]) -> Iterator[Line]:
    """A right-to-left row as its parts between wide gaps, the rightmost first."""
    part: list[Glyph] = []
    edge = 0.0
    for glyph in [*sorted((g for g in row if not g.made and not g.char.isspace()), key=lambda g: -g.right), None]:
        if part and (glyph is None or edge - glyph.right > WIDE_GAP * part[0].style.size):
            text = rtl_line([(g.char, g.left, g.right) for g in part], _RTL_WORD_GAP * part[0].style.size)
            yield replace(part[0].style, text=text, left=min(g.left for g in part), right=part[0].right)
            part = []
        if glyph:
            edge = min(edge, glyph.left) if part else glyph.left
            part.append(glyph)


def from_glyphs(glyphs: list[Glyph], blanks: dict[int, list[float]]) -> Iterator[Line]:
    """Left-to-right lines, with a space wherever one is to be seen, or stands in `blanks` (places across of spaces, by
    the rounded height of their baseline)."""
    line: Line | None = None
    text: list[str] = []
    middle = 0.0
    for glyph in glyphs:
        if glyph.made and glyph.char in "\r\n":
            yield from _finished(line, text)
            line = None
            continue
        if line and not glyph.made:
            gap = glyph.left - line.right
            if gap > WIDE_GAP * line.size or abs(glyph.style.base - line.base) > _OTHER_LINE * line.size:
                yield from _finished(line, text)
                line = None
            elif not (text[-1].isspace() or glyph.char.isspace()) and (
                gap > _WORD_GAP * line.size or _blank_between(blanks, line.base, middle, glyph.left + 0.05 * line.size)
            ):
                text.append(" ")
        if line is None:
            if glyph.made:
                continue
            line, text = replace(glyph.style, left=glyph.left, right=glyph.right), []
        text.append(glyph.char)
        if not glyph.made:
            line.right = max(line.right, glyph.right)
            middle = (glyph.left + glyph.right) / 2
    yield from _finished(line, text)


def _finished(line: Line | None, text: list[str]) -> Iterator[Line]:
    if line and (joined := "".join(text)).strip():
        line.text = joined
        yield line


def _blank_between(blanks: dict[int, list[float]], base: float, left: float, right: float) -> bool:
    return any(left < x <= right for near in (-1, 0, 1) for x in blanks.get(round(base) + near, ()))
