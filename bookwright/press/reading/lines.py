"""The lines of one PDF page, as PDFium finds them, with their places and sizes."""

import ctypes
import re
from dataclasses import replace
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from bookwright.press.reading.drawn import GlyphReader
from bookwright.press.reading.glyphs import from_glyphs, from_rtl_glyphs, settled
from bookwright.press.reading.line import HYPHEN_MARK, WIDE_GAP, Line, styled, turned
from bookwright.press.reading.refine import Refiner
from bookwright.press.reading.scripts import is_rtl, needs_glyphs

_LINE = re.compile(f"[^\r\n{HYPHEN_MARK}]*[^\\s{HYPHEN_MARK}][^\r\n{HYPHEN_MARK}]*{HYPHEN_MARK}?")
_DIRECTION = 8
_SAME_LINE, _OVERLAP, _BACK = 0.02, 0.5, 1.5
"""Ems. An accent that is drawn on its own goes back by less."""


class LineReader:
    """Reads the lines of text pages. The buffers for PDFium's answers are made once: many calls are made."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._turned_round = _runs_right_to_left(document)
        self._glyphs = GlyphReader()
        self._refiner = Refiner()
        self._may_have_notes = self._goes_back = False
        self._matrix = pdfium.FS_MATRIX()
        self._doubles = [ctypes.c_double() for _ in range(4)]

    def lines(self, page: ctypes.c_void_p, text_page: ctypes.c_void_p, text: str) -> list[Line]:
        """The lines of an open page whose whole text (`FPDFText_GetText`) is `text`, in PDFium's order."""
        if self._turned_round or needs_glyphs(text):
            glyphs = settled(self._glyphs.glyphs(page, text_page))
            return from_rtl_glyphs(glyphs) if is_rtl(text) else from_glyphs(glyphs)
        self._may_have_notes = self._refiner.may_have_notes(text)
        self._goes_back = False
        found = [line for match in _LINE.finditer(text) for line in self._line(text_page, match.group(), match.start())]
        if self._goes_back or any(line.angle for line in found) or _overlap(found):
            # PDFium takes several lines of turned text for one, and leaves what is drawn out of its order there.
            return from_glyphs(settled(self._glyphs.glyphs(page, text_page)))
        return found

    def _line(self, page: ctypes.c_void_p, text: str, start: int) -> list[Line]:
        closed = self._refiner.closed_up(page, text, start)
        parts = self._parted(page, text, start)
        if closed == text or not parts:
            return parts
        return [replace(parts[0], text=closed, right=max(part.right for part in parts))]

    def _parted(self, page: ctypes.c_void_p, text: str, start: int) -> list[Line]:
        """One line, parted where there is a wide gap in it."""
        blank = len(text) - len(text.lstrip())
        first = pdfium.FPDFText_GetCharIndexFromTextIndex(page, start + blank)
        last = pdfium.FPDFText_GetCharIndexFromTextIndex(page, start + len(text.rstrip()) - 1)
        if first < 0 or last < first:
            return []
        count = last - first + 1
        line = self._styled(page, first)
        boxes = self._boxes(page, first, count, line.angle)
        if not boxes:
            return []
        found = [line]
        gap = WIDE_GAP * line.size
        begin = 0
        line.left, line.right = boxes[0]
        for number in range(1, len(boxes)):
            left, right = boxes[number]
            if left - line.right > gap or line.left - right > gap:
                cut = self._boundary(page, first, count, number)
                place = pdfium.FPDFText_GetTextIndexFromCharIndex(page, cut) - start
                if begin < place < len(text):
                    line.text = text[begin:place]
                    self._finish(page, line, start + begin)
                    line = self._styled(page, cut)
                    line.left, line.right = left, right
                    found.append(line)
                    begin = place
                    continue
            self._goes_back = self._goes_back or line.right - left > _BACK * line.size
            line.left, line.right = min(line.left, left), max(line.right, right)
        line.text = text[begin:]
        self._finish(page, line, start + begin)
        return found

    def _finish(self, page: ctypes.c_void_p, line: Line, start: int) -> None:
        if self._may_have_notes:
            line.text = self._refiner.without_note_numbers(page, line, start)

    def _styled(self, page: ctypes.c_void_p, char: int) -> Line:
        """An empty line with the baseline, size and turn of a character's text object."""
        matrix = self._matrix
        pdfium.FPDFText_GetMatrix(page, char, matrix)
        size = pdfium.FPDFText_GetFontSize(page, char)
        return styled(size, (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f))

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
            one, _ = turned(left.value, bottom.value, angle)
            other, _ = turned(right.value, top.value, angle)
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


def _overlap(lines: list[Line]) -> bool:
    """Whether parts of one line stand over each other."""
    ordered = sorted(lines, key=lambda line: (line.base, line.left))
    return any(
        other.base - one.base < _SAME_LINE * one.size and one.right - other.left > _OVERLAP * one.size
        for one, other in pairwise(ordered)
    )


def _runs_right_to_left(document: pypdfium2.PdfDocument) -> bool:
    """Whether the document's pages follow each other from the right. PDFium then turns round the words of each line, in
    whatever script they are."""
    said = ctypes.create_string_buffer(_DIRECTION)
    return pdfium.FPDF_VIEWERREF_GetName(document, b"Direction", said, _DIRECTION) > 0 and said.value == b"R2L"
