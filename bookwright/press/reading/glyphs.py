"""Lines made from the glyphs' own places."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bookwright.press.reading.line import WIDE_GAP, Line
from bookwright.press.reading.scripts import is_mark, is_rtl, is_virama, rtl_line

_WORD_GAP, _RTL_WORD_GAP = 0.2, 0.15
"""Ems."""
_SAME_LINE, _OTHER_LINE = 0.4, 0.7
_BACK = 0.5
"""Ems that a glyph may stand before its line's beginning: a sign that is drawn over the letter before."""
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
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.style.base):
        if rows and abs(rows[-1][0].style.base - glyph.style.base) < _SAME_LINE * glyph.style.size:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [line for row in rows for line in _rtl_parts(row)]


def _rtl_parts(row: list[Glyph]) -> Iterator[Line]:
    """A right-to-left row as its parts between wide gaps, the rightmost first."""
    # A blank has no width: it begins where the word to its left ends.
    row = sorted(row, key=lambda glyph: -(glyph.left + _BLANK * glyph.style.size if glyph.is_blank else glyph.right))
    _put_right([glyph for glyph in row[::-1] if is_rtl(glyph.text)])
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


def from_glyphs(glyphs: list[Glyph]) -> Iterator[Line]:
    """Left-to-right lines, with a space wherever there is one or one is to be seen."""
    part: list[Glyph] = []
    right = 0.0
    for glyph in glyphs:
        if part and _is_elsewhere(glyph, part[0], right):
            yield _line(part)
            part = []
        if not part and glyph.is_blank:
            continue
        right = max(right, glyph.right) if part else glyph.right
        part.append(glyph)
    if part:
        yield _line(part)


def _is_elsewhere(glyph: Glyph, first: Glyph, right: float) -> bool:
    size = first.style.size
    if abs(glyph.style.base - first.style.base) > _OTHER_LINE * size:
        return True
    return glyph.left - right > WIDE_GAP * size or glyph.left < first.left - _BACK * size


def _line(part: list[Glyph]) -> Line:
    while part[-1].is_blank:
        part.pop()
    _put_right(part)
    size = part[0].style.size
    text: list[str] = []
    right = part[0].right
    for glyph in part:
        if glyph.is_blank:
            text.append(" ")
            continue
        if glyph.left - right > _WORD_GAP * size and not text[-1].isspace():
            text.append(" ")
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
        if glyph.order is not None and (turned_round or (is_mark(glyph.text[0]) and not is_mark(glyph.text[-1]))):
            glyph.text = glyph.text[::-1]
