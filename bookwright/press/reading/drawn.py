"""The glyphs of a page in the order they are drawn, for scripts and turned text where PDFium's lines can't be trusted:
it loses spaces next to clusters, takes up only a part of what a document says its clusters mean (`ActualText`), and
turns round lines that it takes for right-to-left ones."""

import ctypes
from collections.abc import Iterator
from itertools import pairwise

import pypdfium2.raw as pdfium

from bookwright.press.reading.glyphs import Glyph
from bookwright.press.reading.line import HYPHEN_MARK, Line, Matrix, styled, turned

_ACTUAL_TEXT = b"ActualText"
_LONGEST = 128
"""Bytes. What stands for a cluster is short; a longer text stands for lines, which say themselves what they are."""
_MOST_OBJECTS = 100_000
_FORM_DEPTH = 8
_HYPHEN = 0x2
"""PDFium's code for a hyphen at a line's end."""
_SAME = 0.01
_OVERLAP = 0.1


class GlyphReader:
    """Reads the glyphs of pages. The buffers for PDFium's answers are made once."""

    def __init__(self) -> None:
        self._matrix = pdfium.FS_MATRIX()
        self._box = pdfium.FS_RECTF()
        self._floats = [ctypes.c_float() for _ in range(4)]
        self._size = ctypes.c_float()
        self._bytes = (ctypes.c_ubyte * _LONGEST)()
        self._length = ctypes.c_ulong()

    def glyphs(self, page: ctypes.c_void_p, text_page: ctypes.c_void_p) -> list[Glyph]:
        """Every glyph or cluster that says something, spaces too, in the order of drawing."""
        characters: dict[int | None, list[int]] = {}
        for char in range(pdfium.FPDFText_CountChars(text_page)):
            if pdfium.FPDFText_IsGenerated(text_page, char) != 1:
                characters.setdefault(_address(pdfium.FPDFText_GetTextObject(text_page, char)), []).append(char)
        found: list[Glyph] = []
        clusters: dict[int, Glyph] = {}
        for item, container in self._objects(page):
            style = self._style(item, container)
            mark, text = self._actual_text(item)
            if mark and text is not None:
                left, right = self._bounds(item, container, style)
                if mark in clusters:
                    clusters[mark].extend(left, right, style)
                else:
                    clusters[mark] = Glyph(text, left, right, style)
                    found.append(clusters[mark])
            elif own := characters.get(_address(item)):
                found.extend(self._single(text_page, own, style))
            else:
                left, right = self._bounds(item, container, style)
                if left == right:
                    found.append(Glyph(" ", left, right, style))
        return [glyph for glyph in found if glyph.text]

    def _objects(
        self,
        page: ctypes.c_void_p,
        form: ctypes.c_void_p | None = None,
        container: Matrix | None = None,
        depth: int = 0,
    ) -> Iterator[tuple[ctypes.c_void_p, Matrix | None]]:
        """The text objects of a page, or of a form on it, and the matrix of the form each is in."""
        count = pdfium.FPDFFormObj_CountObjects(form) if form else pdfium.FPDFPage_CountObjects(page)
        for number in range(min(count, _MOST_OBJECTS)):
            item = pdfium.FPDFFormObj_GetObject(form, number) if form else pdfium.FPDFPage_GetObject(page, number)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                yield item, container
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH:
                yield from self._objects(page, item, self._placed(item, container), depth + 1)

    def _placed(self, item: ctypes.c_void_p, container: Matrix | None) -> Matrix:
        """An object's matrix on the page."""
        matrix = self._matrix
        pdfium.FPDFPageObj_GetMatrix(item, matrix)
        a, b, c, d, e, f = matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f
        if container is None:
            return a, b, c, d, e, f
        p, q, r, s, t, u = container
        return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u

    def _style(self, item: ctypes.c_void_p, container: Matrix | None) -> Line:
        pdfium.FPDFTextObj_GetFontSize(item, self._size)
        return styled(self._size.value, self._placed(item, container))

    def _bounds(self, item: ctypes.c_void_p, container: Matrix | None, style: Line) -> tuple[float, float]:
        """An object's (left, right)."""
        left, bottom, right, top = self._floats
        pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
        corners = [(left.value, bottom.value), (right.value, top.value)]
        if container:
            a, b, c, d, e, f = container
            corners = [(a * x + c * y + e, b * x + d * y + f) for x, y in corners]
        (one, _), (other, _) = (turned(x, y, style.angle) for x, y in corners)
        return min(one, other), max(one, other)

    def _actual_text(self, item: ctypes.c_void_p) -> tuple[int | None, str | None]:
        """What stands for the object, and the mark that says so, which all objects of a cluster share."""
        for number in reversed(range(pdfium.FPDFPageObj_CountMarks(item))):
            mark = pdfium.FPDFPageObj_GetMark(item, number)
            if pdfium.FPDFPageObjMark_GetParamBlobValue(mark, _ACTUAL_TEXT, self._bytes, _LONGEST, self._length):
                size = self._length.value
                return _address(mark), _decoded(bytes(self._bytes[:size])) if size <= _LONGEST else None
        return None, None

    def _single(self, text_page: ctypes.c_void_p, characters: list[int], style: Line) -> list[Glyph]:
        """The glyphs of an object that says itself what it is; one glyph may stand for several characters."""
        found: list[Glyph] = []
        box = self._box
        for char in characters:
            code = pdfium.FPDFText_GetUnicode(text_page, char)
            if not pdfium.FPDFText_GetLooseCharBox(text_page, char, box) or not 0 < code < 0x110000:
                continue
            text = HYPHEN_MARK if code == _HYPHEN else chr(code)
            one, _ = turned(box.left, box.bottom, style.angle)
            other, _ = turned(box.right, box.top, style.angle)
            left, right = min(one, other), max(one, other)
            same = next((g for g in found if abs(g.left - left) < _SAME and abs(g.right - right) < _SAME), None)
            if same and not same.is_blank:
                same.text += text
            else:
                found.append(Glyph(text, left, right, style, char))
        # Halves of a conjunct may stand one over the other; what stands before the one before it was turned round.
        if any(
            one.left >= other.right - _OVERLAP * style.size for one, other in pairwise(found) if one.left > other.left
        ):
            found.sort(key=lambda glyph: glyph.left)
        return found


def _address(pointer: ctypes.c_void_p) -> int | None:
    return ctypes.cast(pointer, ctypes.c_void_p).value if pointer else None


def _decoded(raw: bytes) -> str:
    """A PDF text string."""
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "ignore")
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "ignore")
    return raw.decode("latin-1")
