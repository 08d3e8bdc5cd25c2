"""The lines of one PDF page, as PDFium finds them, with their places and sizes."""

import ctypes
import math
import re
from collections.abc import Iterator

import pypdfium2.raw as pdfium

from bookwright.press.reading.glyphs import Glyph, from_glyphs, from_rtl_glyphs
from bookwright.press.reading.line import HYPHEN_MARK, WIDE_GAP, Line
from bookwright.press.reading.scripts import is_rtl, needs_glyphs

_LINE = re.compile(f"[^\r\n{HYPHEN_MARK}]*[^\\s{HYPHEN_MARK}][^\r\n{HYPHEN_MARK}]*{HYPHEN_MARK}?")
_FONT_NAME = 128
_MOST_OBJECTS = 50_000


class LineReader:
    """Reads the lines of text pages. The buffers for PDFium's answers are made once: many calls are made."""

    def __init__(self) -> None:
        self._matrix = pdfium.FS_MATRIX()
        self._box = pdfium.FS_RECTF()
        self._doubles = [ctypes.c_double() for _ in range(4)]
        self._name = ctypes.create_string_buffer(_FONT_NAME)
        self._flags = ctypes.c_int()

    def lines(self, page: ctypes.c_void_p, text_page: ctypes.c_void_p, text: str) -> list[Line]:
        """The lines of an open page whose whole text (`FPDFText_GetText`) is `text`, in PDFium's order."""
        if needs_glyphs(text):
            glyphs = list(self._glyphs(text_page))
            return from_rtl_glyphs(glyphs) if is_rtl(text) else list(from_glyphs(glyphs, self._blanks(page)))
        found = [
            line for match in _LINE.finditer(text) for line in self._parted(text_page, match.group(), match.start())
        ]
        if any(line.angle for line in found):
            # PDFium takes several lines of turned text for one.
            return list(from_glyphs(list(self._glyphs(text_page)), self._blanks(page)))
        return found

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
                    line = self._styled(page, cut)
                    line.left, line.right = left, right
                    found.append(line)
                    begin = place
                    continue
            line.left, line.right = min(line.left, left), max(line.right, right)
        line.text = text[begin:]
        return found

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

    def _glyphs(self, page: ctypes.c_void_p) -> Iterator[Glyph]:
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

    def _blanks(self, page: ctypes.c_void_p) -> dict[int, list[float]]:
        """Where text objects stand that show nothing: spaces, which PDFium's text leaves out after a cluster. Their
        places across by their (rounded) height."""
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        found: dict[int, list[float]] = {}
        for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
            item = pdfium.FPDFPage_GetObject(page, number)
            if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_TEXT:
                continue
            pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
            if left.value == right.value and pdfium.FPDFPageObj_GetMatrix(item, self._matrix):
                found.setdefault(round(self._matrix.f), []).append(left.value)
        return found


def _turned(x: float, y: float, angle: int) -> tuple[float, float]:
    """A point, turned back by `angle` quarter turns."""
    if angle == 0:
        return x, y
    if angle == 1:
        return y, -x
    return (-x, -y) if angle == 2 else (-y, x)
