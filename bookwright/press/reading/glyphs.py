"""Lines made from the glyphs' own places."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bookwright.press.reading.line import WIDE_GAP, Line
from bookwright.press.reading.scripts import CLOSING, has_rtl, is_mark, is_virama, rtl_line

_WORD_GAP, _LATIN_WORD_GAP, _RTL_WORD_GAP = 0.2, 0.17, 0.15
"""Ems."""
_SAME_LINE = 0.4
_BACK = 0.5
"""Ems that a glyph may stand before the one drawn before it: a sign over a letter."""
_SHARED, _SHARED_SHIFTED = 0.6, 0.4
"""The part of the narrower of two glyphs that is over the other; less where they are drawn at different heights."""
_SHIFTED, _TOUCHING = 0.005, 0.1
_BLANK = 0.1
_NEAR = 4
"""Glyphs before (and after) one that are looked at."""
_RAISED = 0.6


@dataclass(slots=True)
class Glyph:
    """A glyph, or a cluster of them: what it says, its place across the page, and what it shares with its text
    object."""

    text: str
    left: float
    right: float
    style: Line
    order: int | None = None
    """Its place in PDFium's text of the page; None where the document itself says what a cluster means."""

    parted: bool = False
    """Whether its parts are drawn at several heights: each may then say the whole of it."""

    def extend(self, left: float, right: float, style: Line) -> None:
        """Take up another glyph of the cluster; the wider of the two stands on the line, the other may be a dot."""
        self.parted = self.parted or abs(style.base - self.style.base) > _SHIFTED * style.size
        if right - left > self.right - self.left:
            self.style = style
        self.left, self.right = min(self.left, left), max(self.right, right)

    @property
    def is_blank(self) -> bool:
        return self.text.isspace()


def settled(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs in the order of drawing, without those that only repeat what is said at the same place (dots and signs of
    a cluster that are drawn on their own, letters drawn twice to look bold), the others on the line of those around."""
    found: list[Glyph] = []
    for glyph in glyphs:
        for other in found[-_NEAR:]:
            if _repeats(glyph, other):
                if len(glyph.text) > len(other.text) or glyph.order is None:
                    other.text, other.order = glyph.text, glyph.order
                other.extend(glyph.left, glyph.right, glyph.style)
                break
        else:
            found.append(glyph)
    bases = [glyph.style.base for glyph in found]
    for place, glyph in enumerate(found):
        near = bases[max(place - _NEAR, 0) : place + _NEAR + 1]
        on_line = [base for base in near if abs(base - bases[place]) < _RAISED * glyph.style.size]
        usual = max(on_line, key=on_line.count)
        if usual != bases[place]:
            glyph.style = replace(glyph.style, base=usual)
    return found


def _repeats(glyph: Glyph, other: Glyph) -> bool:
    """Whether `glyph` says nothing that `other`, drawn shortly before it, has not said."""
    size = glyph.style.size
    shift = abs(glyph.style.base - other.style.base)
    one, both = set(glyph.text), set(other.text)
    if glyph.is_blank or other.is_blank or shift > size or not (one <= both or both <= one):
        return False
    shared = min(glyph.right, other.right) - max(glyph.left, other.left)
    parted = other.parted or shift > _SHIFTED * size
    if glyph.text == other.text:
        if len(glyph.text) > 1 and parted:
            return shared > -_TOUCHING * size
    elif is_virama(other.text[-1]):
        # The letter below or beside it is the other half of a conjunct of two equal ones.
        return False
    least = min(glyph.right - glyph.left, other.right - other.left)
    return shared >= (_SHARED_SHIFTED if parted else _SHARED) * least


def from_rtl_glyphs(glyphs: list[Glyph]) -> list[Line]:
    """Right-to-left lines, the letters of each sorted anew."""
    return [line for row in _rows(glyphs) for line in _rtl_parts(row)]


def from_glyphs(glyphs: list[Glyph]) -> list[Line]:
    """Left-to-right lines, the words of each sorted anew: they may be drawn in any order, the signs of a letter not."""
    return [line for row in _rows(glyphs) for line in _parts(row)]


def _rows(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """What stands on one baseline, in the order of drawing."""
    rows: list[list[int]] = []
    for place in sorted(range(len(glyphs)), key=lambda place: (glyphs[place].style.angle, -glyphs[place].style.base)):
        style = glyphs[place].style
        first = glyphs[rows[-1][0]].style if rows else style
        if rows and style.angle == first.angle and abs(first.base - style.base) < _SAME_LINE * style.size:
            rows[-1].append(place)
        else:
            rows.append([place])
    return [[glyphs[place] for place in sorted(row)] for row in rows]


def _rtl_parts(row: list[Glyph]) -> Iterator[Line]:
    """A right-to-left row as its parts between wide gaps, the rightmost first."""
    # A blank's box begins where the word to its left ends, and may have no width.
    row = sorted(row, key=lambda glyph: -(glyph.left + _BLANK * glyph.style.size if glyph.is_blank else glyph.right))
    _put_right([glyph for glyph in row[::-1] if has_rtl(glyph.text)])
    part: list[Glyph] = []
    edge = 0.0
    for glyph in [*row, None]:
        if part and (glyph is None or edge - glyph.right > WIDE_GAP * part[0].style.size):
            text = rtl_line([(g.text, g.left, g.right) for g in part], _RTL_WORD_GAP * part[0].style.size)
            yield replace(part[0].style, text=text, left=min(g.left for g in part), right=part[0].right)
            part = []
        if glyph and (part or not glyph.is_blank):
            edge = min(edge, glyph.left) if part else glyph.left
            part.append(glyph)


def _parts(row: list[Glyph]) -> Iterator[Line]:
    """A left-to-right row as its parts between wide gaps."""
    part: list[Glyph] = []
    right = 0.0
    for run in sorted(_runs(row), key=lambda run: run[0].left - _BLANK * run[0].style.size * run[0].is_blank):
        if part and run[0].left - right > WIDE_GAP * part[0].style.size:
            yield _line(part)
            part = []
        if part or not run[0].is_blank:
            right = max([right, *(glyph.right for glyph in run)]) if part else max(glyph.right for glyph in run)
            part.extend(run)
    if part:
        yield _line(part)


def _runs(row: list[Glyph]) -> list[list[Glyph]]:
    """Glyphs that are drawn one after the other, without going back or over a gap; blanks on their own."""
    runs: list[list[Glyph]] = []
    for glyph in row:
        last = runs[-1][-1] if runs else None
        size = glyph.style.size
        if (
            last is None
            or glyph.is_blank
            or last.is_blank
            or not -_BACK * size < glyph.left - last.left < last.right - last.left + _WORD_GAP * size
        ):
            runs.append([glyph])
        else:
            runs[-1].append(glyph)
    return runs


def _line(part: list[Glyph]) -> Line:
    while part[-1].is_blank:
        part.pop()
    _put_right(part)
    size = part[0].style.size
    text: list[str] = []
    right = part[0].right
    for glyph in part:
        gap = _LATIN_WORD_GAP if text and text[-1].isascii() and glyph.text.isascii() else _WORD_GAP
        apart = glyph.is_blank or (glyph.left - right > gap * size and glyph.text not in CLOSING)
        if apart and not text[-1].isspace():
            text.append(" ")
        if not glyph.is_blank:
            text.append(glyph.text)
            right = max(right, glyph.right)
    return replace(part[0].style, text="".join(text), left=part[0].left, right=right)


def _put_right(glyphs: list[Glyph]) -> None:
    """Undo what PDFium did to the characters of a single glyph (a ligature, a cluster) where it turned round a row.
    `glyphs` come from the left."""
    orders = [glyph.order for glyph in glyphs if glyph.order is not None]
    falling = sum(one > other for one, other in pairwise(orders))
    turned_round = 2 * falling > len(orders) - 1
    for glyph in glyphs:
        if glyph.order is not None and (turned_round or _begins_with_mark(glyph.text)):
            glyph.text = glyph.text[::-1]


def _begins_with_mark(text: str) -> bool:
    """Whether a letter's sign is before it. A virama may be: then the letter before it is another glyph."""
    return is_mark(text[0]) and not is_mark(text[-1]) and not is_virama(text[0])
