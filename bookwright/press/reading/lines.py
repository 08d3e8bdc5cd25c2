"""The lines of one PDF page, as PDFium finds them, with their places and sizes."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from bookwright.press.reading.scripts import is_rtl, needs_glyphs, rtl_line

HYPHEN_MARK = "\ufffe"
"""What PDFium puts in place of a hyphen at a line's end, without a line break."""
WIDE_GAP = 0.9
"""In ems. White space inside a line that may part two columns; word spaces of justified text stay below it mostly."""
_WORD_GAP, _RTL_WORD_GAP = 0.2, 0.15
_SAME_LINE, _OTHER_LINE = 0.4, 0.7
_LINE = re.compile(f"[^\r\n{HYPHEN_MARK}]*[^\\s{HYPHEN_MARK}][^\r\n{HYPHEN_MARK}]*{HYPHEN_MARK}?")
_FONT_NAME = 128


@dataclass(slots=True)
class Line:
    """A line, or the part of one up to a wide gap. Points, y upwards, turned so that the text stands upright."""

    text: str
    left: float
    right: float
    base: float
    """The baseline's height."""
    size: float
    """The font's size as it is drawn."""
    angle: int = 0
    """The quarter turns (counter-clockwise) by which the text was turned on the page."""
    row: bool = False
    """Whether it is a row of a table."""
    apart: bool = False
    """Whether it begins something else than the lines before it: a sidebar."""


class LineReader:
    """Reads the lines of text pages. The buffers for PDFium's answers are made once: many calls are made."""

    def __init__(self) -> None:
        self._matrix = pdfium.FS_MATRIX()
        self._box = pdfium.FS_RECTF()
        self._doubles = [ctypes.c_double() for _ in range(4)]
        self._name = ctypes.create_string_buffer(_FONT_NAME)
        self._flags = ctypes.c_int()

    def lines(self, page: ctypes.c_void_p, text: str) -> list[Line]:
        """The lines of an open text page whose whole text (`FPDFText_GetText`) is `text`, in PDFium's order."""
        if needs_glyphs(text):
            return self._from_glyphs(page, rtl=is_rtl(text))
        found = [line for match in _LINE.finditer(text) for line in self._parted(page, match.group(), match.start())]
        # PDFium takes several lines of turned text for one.
        return self._from_glyphs(page, rtl=False) if any(line.angle for line in found) else found

    def _parted(self, page: ctypes.c_void_p, text: str, start: int) -> Iterator[Line]:
        """One line, parted where there is a wide gap in it."""
        blank = len(text) - len(text.lstrip())
        first = pdfium.FPDFText_GetCharIndexFromTextIndex(page, start + blank)
        last = pdfium.FPDFText_GetCharIndexFromTextIndex(page, start + len(text.rstrip()) - 1)
        if first < 0 or last < first:
            return
        count = last - first + 1
        pattern = self._styled(page, first)
        boxes = self._boxes(page, first, count, pattern.angle)
        if not boxes:
            return
        gap = WIDE_GAP * pattern.size
        begin, (left, right) = 0, boxes[0]
        for number, (box_left, box_right) in enumerate(boxes[1:], start=1):
            if max(box_left - right, left - box_right) > gap:
                cut = self._boundary(page, first, count, number)
                place = pdfium.FPDFText_GetTextIndexFromCharIndex(page, cut) - start
                if begin < place < len(text):
                    pattern.text, pattern.left, pattern.right = text[begin:place], left, right
                    yield pattern
                    begin, left, right = place, box_left, box_right
                    pattern = self._styled(page, cut)
                    continue
            left, right = min(left, box_left), max(right, box_right)
        pattern.text, pattern.left, pattern.right = text[begin:], left, right
        yield pattern

    def _styled(self, page: ctypes.c_void_p, char: int) -> Line:
        """An empty line with the baseline, size and turn of a character's text object."""
        matrix = self._matrix
        pdfium.FPDFText_GetMatrix(page, char, matrix)
        size = pdfium.FPDFText_GetFontSize(page, char) * (math.hypot(matrix.c, matrix.d) or 1.0)
        angle = 0
        if matrix.b or matrix.a < 0:
            angle = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
            # Mirrored across, not turned: the letters stand upright.
            angle = 0 if angle == 2 and matrix.d > 0 else angle
        base = _turned(matrix.e, matrix.f, angle)[1] if angle else matrix.f
        return Line("", 0.0, 0.0, base, min(max(abs(size), 1.0), 1_000.0), angle)

    def font(self, page: ctypes.c_void_p, char: int) -> str:
        """The name of a character's font."""
        length = pdfium.FPDFText_GetFontInfo(page, char, self._name, _FONT_NAME, self._flags)
        return self._name.value.decode("utf-8", "replace") if 0 < length <= _FONT_NAME else ""

    def _boxes(self, page: ctypes.c_void_p, first: int, count: int, angle: int) -> list[tuple[float, float]]:
        """(left, right) of each text object in a range of characters."""
        left, top, right, bottom = self._doubles
        found = pdfium.FPDFText_CountRects(page, first, count)
        boxes = []
        for number in range(found):
            pdfium.FPDFText_GetRect(page, number, left, top, right, bottom)
            if not angle:
                boxes.append((left.value, right.value))
                continue
            one, _ = _turned(left.value, bottom.value, angle)
            other, _ = _turned(right.value, top.value, angle)
            boxes.append((min(one, other), max(one, other)))
        return boxes

    @staticmethod
    def _boundary(page: ctypes.c_void_p, first: int, count: int, number: int) -> int:
        """The character that begins text object `number` of the range: by bisection, PDFium has no question for it."""
        low, high = 1, count
        while low < high:
            middle = (low + high) // 2
            if pdfium.FPDFText_CountRects(page, first, middle) > number:
                high = middle
            else:
                low = middle + 1
        return first + low - 1

    def _from_glyphs(self, page: ctypes.c_void_p, *, rtl: bool) -> list[Line]:
        """Lines of scripts where PDFium's own text can't be trusted, made from the glyphs' places: it loses spaces next
        to clusters, and mixes up right-to-left lines whose letters and dots are drawn apart."""
        glyphs = list(self._glyphs(page))
        if not rtl:
            return list(self._spaced(glyphs))
        rows: list[list[Glyph]] = []
        for glyph in sorted(glyphs, key=lambda glyph: -glyph.style.base):
            if rows and abs(rows[-1][0].style.base - glyph.style.base) < _SAME_LINE * glyph.style.size:
                rows[-1].append(glyph)
            else:
                rows.append([glyph])
        return [line for row in rows for line in _rtl_parts(row)]

    def _glyphs(self, page: ctypes.c_void_p) -> "Iterator[Glyph]":
        """All characters with their places; one of PDFium's own making (a break, a space) has no width."""
        style: Line | None = None
        last = None
        for char in range(pdfium.FPDFText_CountChars(page)):
            code = pdfium.FPDFText_GetUnicode(page, char)
            if pdfium.FPDFText_IsGenerated(page, char) == 1:
                if style:
                    yield Glyph(chr(code), style.right, style.right, style, made=True)
                continue
            holder = pdfium.FPDFText_GetTextObject(page, char)
            address = ctypes.cast(holder, ctypes.c_void_p).value if holder else None
            if style is None or address != last:
                style, last = self._styled(page, char), address
            if not pdfium.FPDFText_GetLooseCharBox(page, char, self._box) or not 0 < code < 0x110000:
                continue
            box = self._box
            one, _ = _turned(box.left, box.bottom, style.angle)
            other, _ = _turned(box.right, box.top, style.angle)
            style.right = max(one, other)
            yield Glyph(chr(code), min(one, other), style.right, style)

    @staticmethod
    def _spaced(glyphs: "list[Glyph]") -> Iterator[Line]:
        """Left-to-right lines with a space wherever one is to be seen."""
        line: Line | None = None
        text: list[str] = []
        for glyph in [*glyphs, None]:
            breaks = glyph is None or (glyph.made and glyph.char in "\r\n")
            if line and not breaks and glyph and not glyph.made:
                gap = glyph.left - line.right
                breaks = gap > WIDE_GAP * line.size or abs(glyph.style.base - line.base) > _OTHER_LINE * line.size
                if gap > _WORD_GAP * line.size and not text[-1].isspace() and not glyph.char.isspace():
                    text.append(" ")
            if breaks and line:
                line.text = "".join(text)
                if line.text.strip():
                    yield line
                line = None
            if glyph is None or (glyph.made and (line is None or glyph.char in "\r\n")):
                continue
            if line is None:
                line, text = replace(glyph.style, left=glyph.left, right=glyph.right), []
            text.append(glyph.char)
            if not glyph.made:
                line.right = max(line.right, glyph.right)


@dataclass(slots=True)
class Glyph:
    """A character, its place across the page, and what it shares with its text object."""

    char: str
    left: float
    right: float
    style: Line
    made: bool = False


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


def _turned(x: float, y: float, angle: int) -> tuple[float, float]:
    """A point, turned back by `angle` quarter turns."""
    if angle == 0:
        return x, y
    if angle == 1:
        return y, -x
    return (-x, -y) if angle == 2 else (-y, x)


def main_angle(lines: list[Line]) -> int:
    """The turn of most of the text."""
    weights: Counter[int] = Counter()
    for line in lines:
        weights[line.angle] += len(line.text)
    return max(weights, key=lambda angle: (weights[angle], -angle), default=0)
